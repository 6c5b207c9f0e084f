<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>YOLACT Live</name>
    <message>
      <source>--config and --size are for checkpoints</source>
      <translation>--config und --size sind für Checkpoints</translation>
    </message>
    <message>
      <source>--labels {0} cannot be read ({1})</source>
      <translation>--labels {0} lässt sich nicht lesen ({1})</translation>
    </message>
    <message>
      <source>--size {0} is out of range</source>
      <translation>--size {0} liegt außerhalb des Bereichs</translation>
    </message>
    <message>
      <source>About</source>
      <translation>Über</translation>
    </message>
    <message>
      <source>About YOLACT Live</source>
      <translation>Über YOLACT Live</translation>
    </message>
    <message>
      <source>Action</source>
      <translation>Aktion</translation>
    </message>
    <message>
      <source>Add</source>
      <translation>Hinzufügen</translation>
    </message>
    <message>
      <source>Address</source>
      <translation>Adresse</translation>
    </message>
    <message>
      <source>All</source>
      <translation>Alle</translation>
    </message>
    <message>
      <source>All actions and their shortcuts.</source>
      <translation>Alle Aktionen und ihre Tasten.</translation>
    </message>
    <message>
      <source>All defaults</source>
      <translation>Alles auf Standard</translation>
    </message>
    <message>
      <source>All panels</source>
      <translation>Alle Bedienfelder</translation>
    </message>
    <message>
      <source>Annotations</source>
      <translation>Annotationen</translation>
    </message>
    <message>
      <source>Arithmetic of inference.</source>
      <translation>Rechengenauigkeit der Inferenz.</translation>
    </message>
    <message>
      <source>As 1:05.5, 65.5 or 25 %; at most {most}.</source>
      <translation>Etwa 1:05.5, 65,5 oder 25 %; höchstens {most}.</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>Höchstens</translation>
    </message>
    <message>
      <source>At most this many objects a frame, best first.</source>
      <translation>Höchstens so viele Objekte je Bild, die besten zuerst.</translation>
    </message>
    <message>
      <source>Auto</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <source>Back 5 %</source>
      <translation>5 % zurück</translation>
    </message>
    <message>
      <source>Back 5 seconds</source>
      <translation>5 Sekunden zurück</translation>
    </message>
    <message>
      <source>Background</source>
      <translation>Hintergrund</translation>
    </message>
    <message>
      <source>Bf16</source>
      <translation>BF16</translation>
    </message>
    <message>
      <source>Black</source>
      <translation>Schwarz</translation>
    </message>
    <message>
      <source>Blue</source>
      <translation>Blau</translation>
    </message>
    <message>
      <source>Blur</source>
      <translation>Unschärfe</translation>
    </message>
    <message>
      <source>Both</source>
      <translation>Beides</translation>
    </message>
    <message>
      <source>Boxes</source>
      <translation>Rahmen</translation>
    </message>
    <message>
      <source>Bring all panels back to where they were at first.</source>
      <translation>Alle Bedienfelder dorthin zurückbringen, wo sie anfangs waren.</translation>
    </message>
    <message>
      <source>Built-in</source>
      <translation>Eingebaut</translation>
    </message>
    <message>
      <source>Built-in model, name of an installed one, or path of an OpenVINO IR or ONNX file.</source>
      <translation>Eingebautes Modell, Name eines installierten oder Pfad einer OpenVINO-IR- oder ONNX-Datei.</translation>
    </message>
    <message>
      <source>COCO</source>
      <translation>COCO</translation>
    </message>
    <message>
      <source>CSV</source>
      <translation>CSV</translation>
    </message>
    <message>
      <source>Camera</source>
      <translation>Kamera</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Check devices</source>
      <translation>Geräte prüfen</translation>
    </message>
    <message>
      <source>Check nothing, to choose some then</source>
      <translation>Nichts auswählen, um dann einige auszusuchen</translation>
    </message>
    <message>
      <source>Checker</source>
      <translation>Karos</translation>
    </message>
    <message>
      <source>Choose a colour</source>
      <translation>Farbe wählen</translation>
    </message>
    <message>
      <source>Choose a file</source>
      <translation>Datei wählen</translation>
    </message>
    <message>
      <source>Choose an action to change its keys</source>
      <translation>Wählen Sie eine Aktion, um ihre Tasten zu ändern</translation>
    </message>
    <message>
      <source>Choose an action to change its keys. Changed ones are bold.</source>
      <translation>Wählen Sie eine Aktion, um ihre Tasten zu ändern. Geänderte sind fett.</translation>
    </message>
    <message>
      <source>Choose another</source>
      <translation>Andere wählen</translation>
    </message>
    <message>
      <source>Class</source>
      <translation>Klasse</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Klassen</translation>
    </message>
    <message>
      <source>Clear list</source>
      <translation>Liste leeren</translation>
    </message>
    <message>
      <source>Clear marks</source>
      <translation>Marken löschen</translation>
    </message>
    <message>
      <source>Click to draw: two points make a line, more a zone</source>
      <translation>Klicken zum Zeichnen: zwei Punkte sind eine Linie, mehr eine Zone</translation>
    </message>
    <message>
      <source>Closing …</source>
      <translation>Wird geschlossen …</translation>
    </message>
    <message>
      <source>Colours</source>
      <translation>Farben</translation>
    </message>
    <message>
      <source>Colours of the window.</source>
      <translation>Farben des Fensters.</translation>
    </message>
    <message>
      <source>Compare what each device finds with exact arithmetic</source>
      <translation>Vergleichen, was jedes Gerät findet und was genaues Rechnen ergibt</translation>
    </message>
    <message>
      <source>Compiling the model …</source>
      <translation>Modell wird übersetzt …</translation>
    </message>
    <message>
      <source>Contour width</source>
      <translation>Umrissbreite</translation>
    </message>
    <message>
      <source>Contours</source>
      <translation>Umrisse</translation>
    </message>
    <message>
      <source>Copied</source>
      <translation>Kopiert</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Kopieren</translation>
    </message>
    <message>
      <source>Copy diagnostics</source>
      <translation>Diagnose kopieren</translation>
    </message>
    <message>
      <source>Copy snapshot</source>
      <translation>Schnappschuss kopieren</translation>
    </message>
    <message>
      <source>Copy the report</source>
      <translation>Bericht kopieren</translation>
    </message>
    <message>
      <source>Copy versions, machine and settings: what a report of a problem needs</source>
      <translation>Versionen, Rechner und Werte kopieren: was ein Fehlerbericht braucht</translation>
    </message>
    <message>
      <source>Count</source>
      <translation>Zählen</translation>
    </message>
    <message>
      <source>Counts</source>
      <translation>Zähler</translation>
    </message>
    <message>
      <source>Cross class</source>
      <translation>Klassenübergreifend</translation>
    </message>
    <message>
      <source>Ctrl+Z undoes · without a mouse: arrows move, Space sets a point, Tab selects</source>
      <translation>Strg+Z macht rückgängig · ohne Maus: Pfeile bewegen, Leertaste setzt einen Punkt, Tab wählt aus</translation>
    </message>
    <message>
      <source>Cut-out</source>
      <translation>Freigestellt</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>Dunkel</translation>
    </message>
    <message>
      <source>Decode</source>
      <translation>Dekodieren</translation>
    </message>
    <message>
      <source>Default</source>
      <translation>Standard</translation>
    </message>
    <message>
      <source>Delay</source>
      <translation>Verzögerung</translation>
    </message>
    <message>
      <source>Detach panel</source>
      <translation>Bedienfeld ablösen</translation>
    </message>
    <message>
      <source>Detection</source>
      <translation>Erkennung</translation>
    </message>
    <message>
      <source>Deutsch</source>
      <translation>Deutsch</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Gerät</translation>
    </message>
    <message>
      <source>Discard</source>
      <translation>Verwerfen</translation>
    </message>
    <message>
      <source>Dismiss</source>
      <translation>Schließen</translation>
    </message>
    <message>
      <source>Do not show this again</source>
      <translation>Nicht mehr zeigen</translation>
    </message>
    <message>
      <source>Does nothing: the same keys as {names}</source>
      <translation>Ohne Wirkung: dieselben Tasten wie {names}</translation>
    </message>
    <message>
      <source>Double speed</source>
      <translation>Doppeltes Tempo</translation>
    </message>
    <message>
      <source>Download {name}</source>
      <translation>{name} herunterladen</translation>
    </message>
    <message>
      <source>Draw</source>
      <translation>Zeichnen</translation>
    </message>
    <message>
      <source>Draw boxes.</source>
      <translation>Rahmen zeichnen.</translation>
    </message>
    <message>
      <source>Draw lines and zones on the picture, to count there.</source>
      <translation>Linien und Zonen ins Bild zeichnen, um dort zu zählen.</translation>
    </message>
    <message>
      <source>Draw the outline of every mask.</source>
      <translation>Den Umriss jeder Maske zeichnen.</translation>
    </message>
    <message>
      <source>Drop a video here</source>
      <translation>Ziehen Sie ein Video hierher</translation>
    </message>
    <message>
      <source>Drop a video onto the picture</source>
      <translation>Ein Video auf das Bild ziehen</translation>
    </message>
    <message>
      <source>Dropped</source>
      <translation>Verworfen</translation>
    </message>
    <message>
      <source>Duplicates</source>
      <translation>Duplikate</translation>
    </message>
    <message>
      <source>Duration</source>
      <translation>Dauer</translation>
    </message>
    <message>
      <source>Ended</source>
      <translation>Zu Ende</translation>
    </message>
    <message>
      <source>English</source>
      <translation>English</translation>
    </message>
    <message>
      <source>Enlarge the picture; the wheel does it at the pointer.</source>
      <translation>Bild vergrößern; das Mausrad tut es am Mauszeiger.</translation>
    </message>
    <message>
      <source>Enter or double-click finishes, Esc leaves · drag points · Delete removes · F2 renames</source>
      <translation>Eingabe oder Doppelklick beendet, Esc verlässt · Punkte ziehen · Entf löscht · F2 benennt um</translation>
    </message>
    <message>
      <source>Every N frames</source>
      <translation>Jedes N-te Bild</translation>
    </message>
    <message>
      <source>Exact</source>
      <translation>Exakt</translation>
    </message>
    <message>
      <source>F16</source>
      <translation>F16</translation>
    </message>
    <message>
      <source>F32</source>
      <translation>F32</translation>
    </message>
    <message>
      <source>Failed</source>
      <translation>Fehlgeschlagen</translation>
    </message>
    <message>
      <source>Fast</source>
      <translation>Schnell</translation>
    </message>
    <message>
      <source>Faster</source>
      <translation>Schneller</translation>
    </message>
    <message>
      <source>Find an action</source>
      <translation>Aktion suchen</translation>
    </message>
    <message>
      <source>Find an action…</source>
      <translation>Aktion suchen…</translation>
    </message>
    <message>
      <source>Find anything by its name</source>
      <translation>Alles beim Namen finden</translation>
    </message>
    <message>
      <source>Finish</source>
      <translation>Abschließen</translation>
    </message>
    <message>
      <source>Finish the recording and close.</source>
      <translation>Aufnahme abschließen und beenden.</translation>
    </message>
    <message>
      <source>Finishing …</source>
      <translation>Wird abgeschlossen …</translation>
    </message>
    <message>
      <source>Fit</source>
      <translation>Einpassen</translation>
    </message>
    <message>
      <source>Follow next object</source>
      <translation>Nächstes Objekt verfolgen</translation>
    </message>
    <message>
      <source>Follow objects</source>
      <translation>Objekte verfolgen</translation>
    </message>
    <message>
      <source>Follow objects over time, each by a number.</source>
      <translation>Objekte über die Zeit verfolgen, jedes mit einer Nummer.</translation>
    </message>
    <message>
      <source>Follow objects over time.</source>
      <translation>Objekte über die Zeit verfolgen.</translation>
    </message>
    <message>
      <source>Forward 5 %</source>
      <translation>5 % vor</translation>
    </message>
    <message>
      <source>Forward 5 seconds</source>
      <translation>5 Sekunden vor</translation>
    </message>
    <message>
      <source>Frames</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Frames a second</source>
      <translation>Bilder je Sekunde</translation>
    </message>
    <message>
      <source>Frames a second, last minute</source>
      <translation>Bilder je Sekunde, letzte Minute</translation>
    </message>
    <message>
      <source>Frames per second</source>
      <translation>Bilder je Sekunde</translation>
    </message>
    <message>
      <source>Full screen</source>
      <translation>Vollbild</translation>
    </message>
    <message>
      <source>Get</source>
      <translation>Laden</translation>
    </message>
    <message>
      <source>Give all actions the keys they were made with</source>
      <translation>Allen Aktionen ihre ursprünglichen Tasten geben</translation>
    </message>
    <message>
      <source>Give the action the keys that it was made with</source>
      <translation>Der Aktion ihre ursprünglichen Tasten geben</translation>
    </message>
    <message>
      <source>Give the action these keys besides its own</source>
      <translation>Der Aktion diese Tasten zusätzlich geben</translation>
    </message>
    <message>
      <source>Go back by 5 % of the whole.</source>
      <translation>Um 5 % des Ganzen zurückgehen.</translation>
    </message>
    <message>
      <source>Go back by 5 seconds.</source>
      <translation>Um 5 Sekunden zurückgehen.</translation>
    </message>
    <message>
      <source>Go back by one frame.</source>
      <translation>Um ein Bild zurückgehen.</translation>
    </message>
    <message>
      <source>Go back to a key frame.</source>
      <translation>Zu einem Schlüsselbild zurückgehen.</translation>
    </message>
    <message>
      <source>Go on by 5 % of the whole.</source>
      <translation>Um 5 % des Ganzen vorgehen.</translation>
    </message>
    <message>
      <source>Go on by 5 seconds.</source>
      <translation>Um 5 Sekunden vorgehen.</translation>
    </message>
    <message>
      <source>Go on by one frame.</source>
      <translation>Um ein Bild vorgehen.</translation>
    </message>
    <message>
      <source>Go on to a key frame.</source>
      <translation>Zu einem Schlüsselbild vorgehen.</translation>
    </message>
    <message>
      <source>Go to the first frame, or the in mark.</source>
      <translation>Zum ersten Bild oder zur Anfangsmarke gehen.</translation>
    </message>
    <message>
      <source>Go to the last frame, or the out mark.</source>
      <translation>Zum letzten Bild oder zur Endmarke gehen.</translation>
    </message>
    <message>
      <source>Go to time</source>
      <translation>Gehe zu Zeitpunkt</translation>
    </message>
    <message>
      <source>Go to time…</source>
      <translation>Gehe zu Zeitpunkt…</translation>
    </message>
    <message>
      <source>Got it</source>
      <translation>Verstanden</translation>
    </message>
    <message>
      <source>Greedy</source>
      <translation>Gierig</translation>
    </message>
    <message>
      <source>Green</source>
      <translation>Grün</translation>
    </message>
    <message>
      <source>Grey</source>
      <translation>Grau</translation>
    </message>
    <message>
      <source>Half speed</source>
      <translation>Halbes Tempo</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Hilfe</translation>
    </message>
    <message>
      <source>Hide</source>
      <translation>Verbergen</translation>
    </message>
    <message>
      <source>Hide by</source>
      <translation>Verbergen durch</translation>
    </message>
    <message>
      <source>Hide everything around the picture; Esc comes back.</source>
      <translation>Alles um das Bild ausblenden; Esc führt zurück.</translation>
    </message>
    <message>
      <source>High</source>
      <translation>Stark</translation>
    </message>
    <message>
      <source>How a recording keeps what was found.</source>
      <translation>In welcher Form Aufnahmen festhalten, was gefunden wurde.</translation>
    </message>
    <message>
      <source>How duplicates are removed: fast (per class), cross-class, greedy.</source>
      <translation>Wie Duplikate entfernt werden: schnell (je Klasse), klassenübergreifend, gierig.</translation>
    </message>
    <message>
      <source>How many are seen now</source>
      <translation>Wie viele gerade zu sehen sind</translation>
    </message>
    <message>
      <source>How the picture looks.</source>
      <translation>Wie das Bild aussieht.</translation>
    </message>
    <message>
      <source>How they are made unrecognisable.</source>
      <translation>Wie sie unkenntlich gemacht werden.</translation>
    </message>
    <message>
      <source>INT8 needs NNCF</source>
      <translation>INT8 braucht NNCF</translation>
    </message>
    <message>
      <source>In use: {device}</source>
      <translation>In Betrieb: {device}</translation>
    </message>
    <message>
      <source>Inference</source>
      <translation>Inferenz</translation>
    </message>
    <message>
      <source>Inferences at the same time; 0 lets OpenVINO choose.</source>
      <translation>Gleichzeitige Inferenzen; bei 0 wählt OpenVINO.</translation>
    </message>
    <message>
      <source>JSON lines</source>
      <translation>JSON-Zeilen</translation>
    </message>
    <message>
      <source>Keep the report, and ask at the next start again</source>
      <translation>Den Bericht behalten und beim nächsten Start wieder fragen</translation>
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>Tastenkürzel</translation>
    </message>
    <message>
      <source>Keyboard shortcuts…</source>
      <translation>Tastenkürzel…</translation>
    </message>
    <message>
      <source>Keys</source>
      <translation>Tasten</translation>
    </message>
    <message>
      <source>Label maps</source>
      <translation>Objektkarten</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>Sprache</translation>
    </message>
    <message>
      <source>Language of the window.</source>
      <translation>Sprache des Fensters.</translation>
    </message>
    <message>
      <source>Later</source>
      <translation>Später</translation>
    </message>
    <message>
      <source>Leave out what comes, or go on.</source>
      <translation>Auslassen, was kommt, oder weitermachen.</translation>
    </message>
    <message>
      <source>Let the panel in front float, or dock it again.</source>
      <translation>Das vordere Bedienfeld ablösen oder wieder andocken.</translation>
    </message>
    <message>
      <source>Libraries</source>
      <translation>Bibliotheken</translation>
    </message>
    <message>
      <source>Libraries, their versions and licences</source>
      <translation>Bibliotheken, ihre Versionen und Lizenzen</translation>
    </message>
    <message>
      <source>Library</source>
      <translation>Bibliothek</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>Lizenz</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>Hell</translation>
    </message>
    <message>
      <source>Lines and zones</source>
      <translation>Linien und Zonen</translation>
    </message>
    <message>
      <source>Live</source>
      <translation>Live</translation>
    </message>
    <message>
      <source>Live timing</source>
      <translation>Live-Darstellung</translation>
    </message>
    <message>
      <source>Log in…</source>
      <translation>Anmelden…</translation>
    </message>
    <message>
      <source>Look</source>
      <translation>Aussehen</translation>
    </message>
    <message>
      <source>Look for every class</source>
      <translation>Nach allen Klassen suchen</translation>
    </message>
    <message>
      <source>Look for this class</source>
      <translation>Nach dieser Klasse suchen</translation>
    </message>
    <message>
      <source>Look for this class only</source>
      <translation>Nur nach dieser Klasse suchen</translation>
    </message>
    <message>
      <source>Looking for cameras …</source>
      <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
      <source>Loop</source>
      <translation>Wiederholen</translation>
    </message>
    <message>
      <source>Low</source>
      <translation>Schwach</translation>
    </message>
    <message>
      <source>Lower the score threshold.</source>
      <translation>Schwelle der Konfidenz senken.</translation>
    </message>
    <message>
      <source>Make a faster form of this model with your own footage</source>
      <translation>Mit Ihren eigenen Aufnahmen eine schnellere Form dieses Modells machen</translation>
    </message>
    <message>
      <source>Make objects of these classes unrecognisable, comma-separated.</source>
      <translation>Objekte dieser Klassen unkenntlich machen, durch Kommas getrennt.</translation>
    </message>
    <message>
      <source>Make objects of this class unrecognisable</source>
      <translation>Objekte dieser Klasse unkenntlich machen</translation>
    </message>
    <message>
      <source>Marks</source>
      <translation>Markierungen</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>Masken</translation>
    </message>
    <message>
      <source>Masks over the picture, masks alone, the objects cut out, or a blurred background.</source>
      <translation>Masken über dem Bild, nur Masken, freigestellte Objekte oder unscharfer Hintergrund.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 10 %.</source>
      <translation>Masken mit einer Deckkraft von 10 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 100 %.</source>
      <translation>Masken mit einer Deckkraft von 100 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 20 %.</source>
      <translation>Masken mit einer Deckkraft von 20 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 30 %.</source>
      <translation>Masken mit einer Deckkraft von 30 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 40 %.</source>
      <translation>Masken mit einer Deckkraft von 40 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 50 %.</source>
      <translation>Masken mit einer Deckkraft von 50 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 60 %.</source>
      <translation>Masken mit einer Deckkraft von 60 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 70 %.</source>
      <translation>Masken mit einer Deckkraft von 70 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 80 %.</source>
      <translation>Masken mit einer Deckkraft von 80 %.</translation>
    </message>
    <message>
      <source>Masks with an opacity of 90 %.</source>
      <translation>Masken mit einer Deckkraft von 90 %.</translation>
    </message>
    <message>
      <source>Material</source>
      <translation>Material</translation>
    </message>
    <message>
      <source>Menu</source>
      <translation>Menü</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>Models (*.xml *.onnx);;All files (*)</source>
      <translation>Modelle (*.xml *.onnx);;Alle Dateien (*)</translation>
    </message>
    <message>
      <source>Models and devices.</source>
      <translation>Modelle und Geräte.</translation>
    </message>
    <message>
      <source>More models</source>
      <translation>Weitere Modelle</translation>
    </message>
    <message>
      <source>Move down</source>
      <translation>Nach unten</translation>
    </message>
    <message>
      <source>Move left</source>
      <translation>Nach links</translation>
    </message>
    <message>
      <source>Move right</source>
      <translation>Nach rechts</translation>
    </message>
    <message>
      <source>Move up</source>
      <translation>Nach oben</translation>
    </message>
    <message>
      <source>Moving shapes</source>
      <translation>Bewegte Formen</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>Name:</translation>
    </message>
    <message>
      <source>Names</source>
      <translation>Namen</translation>
    </message>
    <message>
      <source>New key</source>
      <translation>Neue Taste</translation>
    </message>
    <message>
      <source>Next frame</source>
      <translation>Nächstes Bild</translation>
    </message>
    <message>
      <source>Next key frame</source>
      <translation>Nächstes Schlüsselbild</translation>
    </message>
    <message>
      <source>Next view</source>
      <translation>Nächste Ansicht</translation>
    </message>
    <message>
      <source>No camera found</source>
      <translation>Keine Kamera gefunden</translation>
    </message>
    <message>
      <source>No model is running</source>
      <translation>Kein Modell läuft</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Keine</translation>
    </message>
    <message>
      <source>Normal speed</source>
      <translation>Normales Tempo</translation>
    </message>
    <message>
      <source>Nothing is checked: check what to look for.</source>
      <translation>Nichts ist ausgewählt: Wählen Sie, was gesucht wird.</translation>
    </message>
    <message>
      <source>Now</source>
      <translation>Jetzt</translation>
    </message>
    <message>
      <source>Object</source>
      <translation>Objekt</translation>
    </message>
    <message>
      <source>Objects</source>
      <translation>Objekte</translation>
    </message>
    <message>
      <source>Objects, last minute</source>
      <translation>Objekte, letzte Minute</translation>
    </message>
    <message>
      <source>Off</source>
      <translation>Aus</translation>
    </message>
    <message>
      <source>Okabe–Ito</source>
      <translation>Okabe–Ito</translation>
    </message>
    <message>
      <source>One colour for each</source>
      <translation>Eine Farbe je</translation>
    </message>
    <message>
      <source>One colour for each object or for each class.</source>
      <translation>Eine Farbe für jedes Objekt oder für jede Klasse.</translation>
    </message>
    <message>
      <source>One pixel of the picture is one of the screen.</source>
      <translation>Ein Pixel des Bilds ist eines des Bildschirms.</translation>
    </message>
    <message>
      <source>Only the picture; Esc comes back.</source>
      <translation>Nur das Bild; Esc führt zurück.</translation>
    </message>
    <message>
      <source>Only these classes, comma-separated.</source>
      <translation>Nur diese Klassen, durch Kommas getrennt.</translation>
    </message>
    <message>
      <source>Opacity</source>
      <translation>Deckkraft</translation>
    </message>
    <message>
      <source>Opacity of masks</source>
      <translation>Deckkraft der Masken</translation>
    </message>
    <message>
      <source>Opacity of the masks over the picture, 0 to 1.</source>
      <translation>Deckkraft der Masken über dem Bild, 0 bis 1.</translation>
    </message>
    <message>
      <source>Open a folder of pictures</source>
      <translation>Ordner mit Bildern öffnen</translation>
    </message>
    <message>
      <source>Open a network camera, a playlist or a video.</source>
      <translation>Eine Netzwerkkamera, eine Wiedergabeliste oder ein Video öffnen.</translation>
    </message>
    <message>
      <source>Open a video or a picture</source>
      <translation>Video oder Bild öffnen</translation>
    </message>
    <message>
      <source>Open a video or a picture.</source>
      <translation>Ein Video oder ein Bild öffnen.</translation>
    </message>
    <message>
      <source>Open address</source>
      <translation>Adresse öffnen</translation>
    </message>
    <message>
      <source>Open address…</source>
      <translation>Adresse öffnen…</translation>
    </message>
    <message>
      <source>Open file…</source>
      <translation>Datei öffnen…</translation>
    </message>
    <message>
      <source>Open folder</source>
      <translation>Ordner öffnen</translation>
    </message>
    <message>
      <source>Open folder…</source>
      <translation>Ordner öffnen…</translation>
    </message>
    <message>
      <source>Open recordings</source>
      <translation>Aufnahmen öffnen</translation>
    </message>
    <message>
      <source>Open snapshots</source>
      <translation>Schnappschüsse öffnen</translation>
    </message>
    <message>
      <source>Open the folder of recordings.</source>
      <translation>Den Ordner der Aufnahmen öffnen.</translation>
    </message>
    <message>
      <source>Open the folder of snapshots.</source>
      <translation>Den Ordner der Schnappschüsse öffnen.</translation>
    </message>
    <message>
      <source>Open the path or address on the clipboard.</source>
      <translation>Den Pfad oder die Adresse aus der Zwischenablage öffnen.</translation>
    </message>
    <message>
      <source>Open the pictures in a folder.</source>
      <translation>Die Bilder eines Ordners öffnen.</translation>
    </message>
    <message>
      <source>OpenVINO device: AUTO, CPU, GPU, NPU.</source>
      <translation>OpenVINO-Gerät: AUTO, CPU, GPU, NPU.</translation>
    </message>
    <message>
      <source>Opening {name} …</source>
      <translation>{name} wird geöffnet …</translation>
    </message>
    <message>
      <source>Opening …</source>
      <translation>Wird geöffnet …</translation>
    </message>
    <message>
      <source>Optimise for INT8</source>
      <translation>Für INT8 optimieren</translation>
    </message>
    <message>
      <source>Order</source>
      <translation>Ordnen</translation>
    </message>
    <message>
      <source>Over time</source>
      <translation>Über die Zeit</translation>
    </message>
    <message>
      <source>Overlay</source>
      <translation>Überlagert</translation>
    </message>
    <message>
      <source>Overlay, masks alone, cut-out, blurred background.</source>
      <translation>Überlagert, nur Masken, freigestellt, unscharfer Hintergrund.</translation>
    </message>
    <message>
      <source>Palette</source>
      <translation>Palette</translation>
    </message>
    <message>
      <source>Panels</source>
      <translation>Bedienfelder</translation>
    </message>
    <message>
      <source>Password</source>
      <translation>Kennwort</translation>
    </message>
    <message>
      <source>Paste path or address</source>
      <translation>Pfad oder Adresse einfügen</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>Pause</translation>
    </message>
    <message>
      <source>Pause recording</source>
      <translation>Aufnahme anhalten</translation>
    </message>
    <message>
      <source>Paused</source>
      <translation>Angehalten</translation>
    </message>
    <message>
      <source>Pick a camera</source>
      <translation>Eine Kamera wählen</translation>
    </message>
    <message>
      <source>Pick a camera or another live source.</source>
      <translation>Eine Kamera oder andere Live-Quelle wählen.</translation>
    </message>
    <message>
      <source>Picture</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Picture only</source>
      <translation>Nur das Bild</translation>
    </message>
    <message>
      <source>Pin one object after another.</source>
      <translation>Ein Objekt nach dem anderen festhalten.</translation>
    </message>
    <message>
      <source>Pixelate</source>
      <translation>Verpixelung</translation>
    </message>
    <message>
      <source>Plain snapshot</source>
      <translation>Schnappschuss ohne Masken</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Start</translation>
    </message>
    <message>
      <source>Play all of the file.</source>
      <translation>Die ganze Datei abspielen.</translation>
    </message>
    <message>
      <source>Play at the next higher speed.</source>
      <translation>Eine Stufe schneller abspielen.</translation>
    </message>
    <message>
      <source>Play at the next lower speed.</source>
      <translation>Eine Stufe langsamer abspielen.</translation>
    </message>
    <message>
      <source>Play at the speed of the file.</source>
      <translation>Im Tempo der Datei abspielen.</translation>
    </message>
    <message>
      <source>Play from the frame that is shown.</source>
      <translation>Ab dem gezeigten Bild abspielen.</translation>
    </message>
    <message>
      <source>Play half as fast.</source>
      <translation>Halb so schnell abspielen.</translation>
    </message>
    <message>
      <source>Play or pause.</source>
      <translation>Abspielen oder anhalten.</translation>
    </message>
    <message>
      <source>Play twice as fast.</source>
      <translation>Doppelt so schnell abspielen.</translation>
    </message>
    <message>
      <source>Play up to the frame that is shown.</source>
      <translation>Bis zum gezeigten Bild abspielen.</translation>
    </message>
    <message>
      <source>Playback</source>
      <translation>Wiedergabe</translation>
    </message>
    <message>
      <source>Playing</source>
      <translation>Wiedergabe</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>Position</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>Genauigkeit</translation>
    </message>
    <message>
      <source>Preferences</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Preferences…</source>
      <translation>Einstellungen…</translation>
    </message>
    <message>
      <source>Prepare</source>
      <translation>Vorbereiten</translation>
    </message>
    <message>
      <source>Press Play to start again</source>
      <translation>„Start“ beginnt wieder</translation>
    </message>
    <message>
      <source>Press the keys that the action shall have</source>
      <translation>Drücken Sie die Tasten, die die Aktion haben soll</translation>
    </message>
    <message>
      <source>Press {key} to cancel</source>
      <translation>{key} bricht ab</translation>
    </message>
    <message>
      <source>Previous frame</source>
      <translation>Voriges Bild</translation>
    </message>
    <message>
      <source>Previous key frame</source>
      <translation>Voriges Schlüsselbild</translation>
    </message>
    <message>
      <source>Privacy</source>
      <translation>Privatsphäre</translation>
    </message>
    <message>
      <source>Put the picture that is shown on the clipboard.</source>
      <translation>Das gezeigte Bild in die Zwischenablage legen.</translation>
    </message>
    <message>
      <source>Quit</source>
      <translation>Beenden</translation>
    </message>
    <message>
      <source>Raise the score threshold.</source>
      <translation>Schwelle der Konfidenz heben.</translation>
    </message>
    <message>
      <source>Ready</source>
      <translation>Bereit</translation>
    </message>
    <message>
      <source>Recent</source>
      <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
      <source>Reconnect for</source>
      <translation>Neu verbinden</translation>
    </message>
    <message>
      <source>Reconnecting in {wait} s …</source>
      <translation>Neue Verbindung in {wait} s …</translation>
    </message>
    <message>
      <source>Reconnecting …</source>
      <translation>Neue Verbindung …</translation>
    </message>
    <message>
      <source>Record</source>
      <translation>Aufnehmen</translation>
    </message>
    <message>
      <source>Record annotations only</source>
      <translation>Nur Annotationen aufnehmen</translation>
    </message>
    <message>
      <source>Record both</source>
      <translation>Beides aufnehmen</translation>
    </message>
    <message>
      <source>Record what you see</source>
      <translation>Aufnehmen, was Sie sehen</translation>
    </message>
    <message>
      <source>Recorded</source>
      <translation>Aufgenommen</translation>
    </message>
    <message>
      <source>Recordings are videos of what you see.</source>
      <translation>Aufnahmen sind Videos dessen, was Sie sehen.</translation>
    </message>
    <message>
      <source>Recordings keep video and annotations.</source>
      <translation>Aufnahmen behalten Video und Annotationen.</translation>
    </message>
    <message>
      <source>Recordings keep what was found; Preferences say in which form.</source>
      <translation>Aufnahmen halten fest, was gefunden wurde; die Einstellungen sagen, in welcher Form.</translation>
    </message>
    <message>
      <source>Remove keys</source>
      <translation>Tasten entfernen</translation>
    </message>
    <message>
      <source>Rename</source>
      <translation>Umbenennen</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Bericht</translation>
    </message>
    <message>
      <source>Report of a failure</source>
      <translation>Bericht eines Fehlers</translation>
    </message>
    <message>
      <source>Reset all to defaults</source>
      <translation>Alles auf Standard</translation>
    </message>
    <message>
      <source>Reset layout</source>
      <translation>Anordnung zurücksetzen</translation>
    </message>
    <message>
      <source>Reset settings</source>
      <translation>Auf Standard zurücksetzen</translation>
    </message>
    <message>
      <source>Retry</source>
      <translation>Erneut versuchen</translation>
    </message>
    <message>
      <source>Run inference on every N-th frame.</source>
      <translation>Inferenz nur auf jedem N-ten Bild.</translation>
    </message>
    <message>
      <source>Run no inference while the picture stands still.</source>
      <translation>Keine Inferenz, solange das Bild stillsteht.</translation>
    </message>
    <message>
      <source>Runs on {device}</source>
      <translation>Läuft auf {device}</translation>
    </message>
    <message>
      <source>Save the picture that is shown.</source>
      <translation>Das gezeigte Bild speichern.</translation>
    </message>
    <message>
      <source>Save the picture without masks, boxes and labels.</source>
      <translation>Das Bild ohne Masken, Rahmen und Namen speichern.</translation>
    </message>
    <message>
      <source>Saved</source>
      <translation>Gespeichert</translation>
    </message>
    <message>
      <source>Score</source>
      <translation>Konfidenz</translation>
    </message>
    <message>
      <source>Scores</source>
      <translation>Konfidenz</translation>
    </message>
    <message>
      <source>Screen {0}</source>
      <translation>Bildschirm {0}</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>Suchen</translation>
    </message>
    <message>
      <source>Search actions and keys</source>
      <translation>Aktionen und Tasten suchen</translation>
    </message>
    <message>
      <source>Search classes</source>
      <translation>Klassen suchen</translation>
    </message>
    <message>
      <source>See all keys</source>
      <translation>Alle Tasten sehen</translation>
    </message>
    <message>
      <source>See all shortcuts, and change them.</source>
      <translation>Alle Tastenkürzel sehen und ändern.</translation>
    </message>
    <message>
      <source>See more of its bottom.</source>
      <translation>Mehr vom unteren Rand sehen.</translation>
    </message>
    <message>
      <source>See more of its right.</source>
      <translation>Mehr vom rechten Rand sehen.</translation>
    </message>
    <message>
      <source>See more of its top.</source>
      <translation>Mehr vom oberen Rand sehen.</translation>
    </message>
    <message>
      <source>See more of the left of an enlarged picture.</source>
      <translation>Mehr vom linken Rand eines vergrößerten Bilds sehen.</translation>
    </message>
    <message>
      <source>See more of the picture.</source>
      <translation>Mehr vom Bild sehen.</translation>
    </message>
    <message>
      <source>See the whole picture.</source>
      <translation>Das ganze Bild sehen.</translation>
    </message>
    <message>
      <source>Segments every object in live or recorded video, in real time, on the processor you already own.

The program and its built-in model are under the MIT licence. The method is YOLACT (Bolya, Zhou, Xiao, Lee, 2019). It is made with:</source>
      <translation>Segmentiert jedes Objekt in Live- und Videobildern, in Echtzeit, auf dem Prozessor, den Sie schon haben.

Das Programm und sein eingebautes Modell stehen unter der MIT-Lizenz. Das Verfahren ist YOLACT (Bolya, Zhou, Xiao, Lee, 2019). Verwendet werden:</translation>
    </message>
    <message>
      <source>Self-check</source>
      <translation>Selbsttest</translation>
    </message>
    <message>
      <source>Set in mark</source>
      <translation>Anfang setzen</translation>
    </message>
    <message>
      <source>Set out mark</source>
      <translation>Ende setzen</translation>
    </message>
    <message>
      <source>Set what the panels show back to how it was made; theme, language and keys stay.</source>
      <translation>Was die Bedienfelder zeigen auf die ursprünglichen Werte zurücksetzen; Farbschema, Sprache und Tasten bleiben.</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Werte</translation>
    </message>
    <message>
      <source>Shortcuts</source>
      <translation>Tastenkürzel</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Anzeige</translation>
    </message>
    <message>
      <source>Show fewer objects</source>
      <translation>Weniger Objekte zeigen</translation>
    </message>
    <message>
      <source>Show more objects</source>
      <translation>Mehr Objekte zeigen</translation>
    </message>
    <message>
      <source>Show objects that score more than this.</source>
      <translation>Objekte mit höherer Konfidenz zeigen.</translation>
    </message>
    <message>
      <source>Show only actions with these letters in their names or keys</source>
      <translation>Nur Aktionen mit diesen Buchstaben in Namen oder Tasten zeigen</translation>
    </message>
    <message>
      <source>Show only classes with these letters in their names</source>
      <translation>Nur Klassen mit diesen Buchstaben im Namen zeigen</translation>
    </message>
    <message>
      <source>Show or hide boxes.</source>
      <translation>Rahmen ein- oder ausblenden.</translation>
    </message>
    <message>
      <source>Show or hide class names.</source>
      <translation>Klassennamen ein- oder ausblenden.</translation>
    </message>
    <message>
      <source>Show or hide masks and contours.</source>
      <translation>Masken und Umrisse ein- oder ausblenden.</translation>
    </message>
    <message>
      <source>Show or hide scores.</source>
      <translation>Konfidenz ein- oder ausblenden.</translation>
    </message>
    <message>
      <source>Show or hide the panels.</source>
      <translation>Bedienfelder ein- oder ausblenden.</translation>
    </message>
    <message>
      <source>Show report</source>
      <translation>Bericht zeigen</translation>
    </message>
    <message>
      <source>Show the newest frame at once, with the newest masks moved onto it.</source>
      <translation>Das neueste Bild sofort zeigen, mit den neuesten Masken darauf verschoben.</translation>
    </message>
    <message>
      <source>Show what to try</source>
      <translation>Vorschläge zeigen</translation>
    </message>
    <message>
      <source>Show what to try on the picture.</source>
      <translation>Auf dem Bild zeigen, was Sie ausprobieren können.</translation>
    </message>
    <message>
      <source>Show where the reports are</source>
      <translation>Zeigen, wo die Berichte liegen</translation>
    </message>
    <message>
      <source>Skip when still</source>
      <translation>Stillstand überspringen</translation>
    </message>
    <message>
      <source>Slower</source>
      <translation>Langsamer</translation>
    </message>
    <message>
      <source>Smooth masks, boxes and scores over time.</source>
      <translation>Masken, Rahmen und Konfidenz über die Zeit glätten.</translation>
    </message>
    <message>
      <source>Snapshot</source>
      <translation>Schnappschuss</translation>
    </message>
    <message>
      <source>Solid: median. Pale: 95 of 100 frames. Mark: 99 of 100 frames.</source>
      <translation>Kräftig: Median. Blass: 95 von 100 Bildern. Strich: 99 von 100 Bildern.</translation>
    </message>
    <message>
      <source>Source</source>
      <translation>Quelle</translation>
    </message>
    <message>
      <source>Space checks a cell, Enter looks for one class only</source>
      <translation>Die Leertaste wählt eine Zelle, die Eingabetaste sucht nur nach einer Klasse</translation>
    </message>
    <message>
      <source>Speed</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>Speed, delay and drops.</source>
      <translation>Tempo, Verzögerung und Verluste.</translation>
    </message>
    <message>
      <source>Stages, milliseconds</source>
      <translation>Schritte, Millisekunden</translation>
    </message>
    <message>
      <source>Start again at the end.</source>
      <translation>Am Ende von vorn beginnen.</translation>
    </message>
    <message>
      <source>Start or finish a recording.</source>
      <translation>Eine Aufnahme beginnen oder abschließen.</translation>
    </message>
    <message>
      <source>Starting …</source>
      <translation>Wird gestartet …</translation>
    </message>
    <message>
      <source>Statistics</source>
      <translation>Statistik</translation>
    </message>
    <message>
      <source>Steadiness</source>
      <translation>Glättung</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Stopp</translation>
    </message>
    <message>
      <source>Stop and let go of the camera or file.</source>
      <translation>Anhalten und Kamera oder Datei freigeben.</translation>
    </message>
    <message>
      <source>Stop: {task}</source>
      <translation>Abbrechen: {task}</translation>
    </message>
    <message>
      <source>Stopped</source>
      <translation>Gestoppt</translation>
    </message>
    <message>
      <source>Stopping …</source>
      <translation>Wird gestoppt …</translation>
    </message>
    <message>
      <source>Streams</source>
      <translation>Datenströme</translation>
    </message>
    <message>
      <source>Strength of blurring and pixelating, 0.1 to 1.</source>
      <translation>Stärke von Unschärfe und Verpixelung, 0,1 bis 1.</translation>
    </message>
    <message>
      <source>System</source>
      <translation>System</translation>
    </message>
    <message>
      <source>Take over</source>
      <translation>Übernehmen</translation>
    </message>
    <message>
      <source>The action has no keys then</source>
      <translation>Die Aktion hat dann keine Tasten</translation>
    </message>
    <message>
      <source>The classes are listed once a model runs.</source>
      <translation>Die Klassen stehen hier, sobald ein Modell läuft.</translation>
    </message>
    <message>
      <source>The language changes at the next start.</source>
      <translation>Die Sprache wechselt beim nächsten Start.</translation>
    </message>
    <message>
      <source>The model found nothing in it: whether both agree is not known.</source>
      <translation>Das Modell hat darin nichts gefunden: ob beide übereinstimmen, ist nicht bekannt.</translation>
    </message>
    <message>
      <source>The program failed in a way that nobody foresaw. This report says where. It stays on this computer; passing it on to the authors helps them to mend it.</source>
      <translation>Das Programm ist auf eine Weise fehlgeschlagen, die niemand vorhergesehen hat. Dieser Bericht sagt, wo. Er bleibt auf diesem Rechner; geben Sie ihn den Autoren weiter, können sie den Fehler beheben.</translation>
    </message>
    <message>
      <source>Theme</source>
      <translation>Farbschema</translation>
    </message>
    <message>
      <source>Theme and other habits of the window.</source>
      <translation>Farbschema und andere Gewohnheiten des Fensters.</translation>
    </message>
    <message>
      <source>Threads</source>
      <translation>Threads</translation>
    </message>
    <message>
      <source>Threads of inference on the CPU; 0 lets OpenVINO choose.</source>
      <translation>Threads der Inferenz auf der CPU; bei 0 wählt OpenVINO.</translation>
    </message>
    <message>
      <source>Throw all reports away</source>
      <translation>Alle Berichte wegwerfen</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <source>Times of the stages</source>
      <translation>Zeiten der Schritte</translation>
    </message>
    <message>
      <source>Timing</source>
      <translation>Darstellung</translation>
    </message>
    <message>
      <source>To the end</source>
      <translation>Zum Ende</translation>
    </message>
    <message>
      <source>To the start</source>
      <translation>Zum Anfang</translation>
    </message>
    <message>
      <source>Tol, bright</source>
      <translation>Tol, leuchtend</translation>
    </message>
    <message>
      <source>Tol, muted</source>
      <translation>Tol, gedämpft</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>Werkzeuge</translation>
    </message>
    <message>
      <source>Total</source>
      <translation>Gesamt</translation>
    </message>
    <message>
      <source>Track</source>
      <translation>Verfolgen</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>Erneut versuchen</translation>
    </message>
    <message>
      <source>Type some letters of an action or setting</source>
      <translation>Tippen Sie einige Buchstaben einer Aktion oder eines Werts</translation>
    </message>
    <message>
      <source>Type the time to go to.</source>
      <translation>Den Zeitpunkt eintippen.</translation>
    </message>
    <message>
      <source>Type what you want to do.</source>
      <translation>Tippen, was Sie tun wollen.</translation>
    </message>
    <message>
      <source>Use it</source>
      <translation>Verwenden</translation>
    </message>
    <message>
      <source>User name</source>
      <translation>Benutzername</translation>
    </message>
    <message>
      <source>Version</source>
      <translation>Version</translation>
    </message>
    <message>
      <source>Versions, licences and diagnostics.</source>
      <translation>Versionen, Lizenzen und Diagnose.</translation>
    </message>
    <message>
      <source>Video</source>
      <translation>Video</translation>
    </message>
    <message>
      <source>Videos and pictures ({patterns});;All files (*)</source>
      <translation>Videos und Bilder ({patterns});;Alle Dateien (*)</translation>
    </message>
    <message>
      <source>View</source>
      <translation>Ansicht</translation>
    </message>
    <message>
      <source>Wait</source>
      <translation>Warten</translation>
    </message>
    <message>
      <source>Wait so many seconds for a camera or stream that was lost; 0 = not at all.</source>
      <translation>So viele Sekunden auf eine verlorene Kamera oder einen verlorenen Stream warten; 0 = gar nicht.</translation>
    </message>
    <message>
      <source>Welcome. Things to try:</source>
      <translation>Willkommen. Probieren Sie:</translation>
    </message>
    <message>
      <source>What a person needs who is to mend this</source>
      <translation>Was jemand braucht, der dies beheben soll</translation>
    </message>
    <message>
      <source>What a recording keeps: what you see (video), what was found (annotations), or both.</source>
      <translation>Was eine Aufnahme festhält: was Sie sehen (Video), was gefunden wurde (Annotationen), oder beides.</translation>
    </message>
    <message>
      <source>What counts as found.</source>
      <translation>Was als gefunden gilt.</translation>
    </message>
    <message>
      <source>What do you want to do?</source>
      <translation>Was wollen Sie tun?</translation>
    </message>
    <message>
      <source>What fits</source>
      <translation>Was passt</translation>
    </message>
    <message>
      <source>What fits, best first</source>
      <translation>Was passt, das Beste zuerst</translation>
    </message>
    <message>
      <source>What is behind masks alone and objects cut out.</source>
      <translation>Was hinter reinen Masken und freigestellten Objekten ist.</translation>
    </message>
    <message>
      <source>What the window shows: each frame with its own masks (exact), or the newest frame at once, with the newest masks moved onto it (live). Recordings are always exact.</source>
      <translation>Was das Fenster zeigt: jedes Bild mit seinen eigenen Masken (exakt) oder sofort das neueste Bild mit den neuesten Masken, darauf verschoben (live). Aufnahmen sind immer exakt.</translation>
    </message>
    <message>
      <source>What to look for, and what to hide</source>
      <translation>Wonach gesucht und was verborgen wird</translation>
    </message>
    <message>
      <source>What to try</source>
      <translation>Vorschläge</translation>
    </message>
    <message>
      <source>Which classes are looked for.</source>
      <translation>Nach welchen Klassen gesucht wird.</translation>
    </message>
    <message>
      <source>Which colours; all but material are told apart with any colour vision.</source>
      <translation>Welche Farben; alle außer Material lassen sich bei jeder Farbsehschwäche unterscheiden.</translation>
    </message>
    <message>
      <source>White</source>
      <translation>Weiß</translation>
    </message>
    <message>
      <source>Width of outlines, in pixels of a picture with 720 lines.</source>
      <translation>Breite der Umrisse, in Pixeln eines Bilds mit 720 Zeilen.</translation>
    </message>
    <message>
      <source>Window</source>
      <translation>Fenster</translation>
    </message>
    <message>
      <source>Write class names.</source>
      <translation>Klassennamen schreiben.</translation>
    </message>
    <message>
      <source>Write how many objects of each class there are and were.</source>
      <translation>Schreiben, wie viele Objekte jeder Klasse es gibt und gab.</translation>
    </message>
    <message>
      <source>Write scores.</source>
      <translation>Konfidenz schreiben.</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>Zoom</translation>
    </message>
    <message>
      <source>Zoom in</source>
      <translation>Vergrößern</translation>
    </message>
    <message>
      <source>Zoom out</source>
      <translation>Verkleinern</translation>
    </message>
    <message>
      <source>`yolact-live models list` shows the names</source>
      <translation>`yolact-live models list` zeigt die Namen</translation>
    </message>
    <message>
      <source>a model cannot be named {0}</source>
      <translation>ein Modell kann nicht {0} heißen</translation>
    </message>
    <message>
      <source>a report tells where</source>
      <translation>ein Bericht sagt, wo</translation>
    </message>
    <message>
      <source>add yourself to the group video (sudo usermod -aG video $USER), then log in again</source>
      <translation>nehmen Sie sich in die Gruppe video auf (sudo usermod -aG video $USER) und melden Sie sich neu an</translation>
    </message>
    <message>
      <source>add {0} to the classes</source>
      <translation>fügen Sie {0} den Klassen hinzu</translation>
    </message>
    <message>
      <source>agrees</source>
      <translation>stimmt überein</translation>
    </message>
    <message>
      <source>all</source>
      <translation>alle</translation>
    </message>
    <message>
      <source>another process is changing {0}</source>
      <translation>ein anderer Prozess ändert gerade {0}</translation>
    </message>
    <message>
      <source>auto</source>
      <translation>automatisch</translation>
    </message>
    <message>
      <source>calibrating on {0} frames</source>
      <translation>Kalibrieren mit {0} Bildern</translation>
    </message>
    <message>
      <source>camera</source>
      <translation>Kamera</translation>
    </message>
    <message>
      <source>camera {0}</source>
      <translation>Kamera {0}</translation>
    </message>
    <message>
      <source>check it, then try again</source>
      <translation>prüfen Sie es und versuchen Sie es nochmals</translation>
    </message>
    <message>
      <source>check its permissions</source>
      <translation>prüfen Sie die Zugriffsrechte</translation>
    </message>
    <message>
      <source>check that it is on and reachable</source>
      <translation>prüfen Sie, ob das Gerät an und erreichbar ist</translation>
    </message>
    <message>
      <source>check that it is on, connected and not in use</source>
      <translation>prüfen Sie, ob das Gerät an, angeschlossen und frei ist</translation>
    </message>
    <message>
      <source>check the address</source>
      <translation>prüfen Sie die Adresse</translation>
    </message>
    <message>
      <source>check the address and the network</source>
      <translation>prüfen Sie Adresse und Netzwerk</translation>
    </message>
    <message>
      <source>check the disk or the network</source>
      <translation>prüfen Sie den Datenträger oder das Netzwerk</translation>
    </message>
    <message>
      <source>check the path</source>
      <translation>prüfen Sie den Pfad</translation>
    </message>
    <message>
      <source>check the path, or leave --model out for the built-in one</source>
      <translation>prüfen Sie den Pfad oder lassen Sie --model weg, um das eingebaute zu nehmen</translation>
    </message>
    <message>
      <source>check the path; `yolact-live models list` shows names</source>
      <translation>prüfen Sie den Pfad; `yolact-live models list` zeigt die Namen</translation>
    </message>
    <message>
      <source>check user name and password</source>
      <translation>prüfen Sie Benutzername und Kennwort</translation>
    </message>
    <message>
      <source>check who may write there</source>
      <translation>prüfen Sie, wer dort schreiben darf</translation>
    </message>
    <message>
      <source>check {0}</source>
      <translation>prüfen Sie {0}</translation>
    </message>
    <message>
      <source>choose a file with moving pictures</source>
      <translation>wählen Sie eine Datei mit bewegten Bildern</translation>
    </message>
    <message>
      <source>choose another extension</source>
      <translation>wählen Sie eine andere Endung</translation>
    </message>
    <message>
      <source>choose another file</source>
      <translation>wählen Sie eine andere Datei</translation>
    </message>
    <message>
      <source>choose another file, or copy it again</source>
      <translation>wählen Sie eine andere Datei oder kopieren Sie diese nochmals</translation>
    </message>
    <message>
      <source>choose another folder for the output</source>
      <translation>wählen Sie einen anderen Ordner für die Ausgabe</translation>
    </message>
    <message>
      <source>choose another model</source>
      <translation>wählen Sie ein anderes Modell</translation>
    </message>
    <message>
      <source>choose another name</source>
      <translation>wählen Sie einen anderen Namen</translation>
    </message>
    <message>
      <source>choose another name for the output</source>
      <translation>wählen Sie einen anderen Namen für die Ausgabe</translation>
    </message>
    <message>
      <source>choose another name or folder</source>
      <translation>wählen Sie einen anderen Namen oder Ordner</translation>
    </message>
    <message>
      <source>choose another name, or add --overwrite</source>
      <translation>wählen Sie einen anderen Namen oder ergänzen Sie --overwrite</translation>
    </message>
    <message>
      <source>choose another one</source>
      <translation>wählen Sie etwas anderes</translation>
    </message>
    <message>
      <source>choose another one with --model</source>
      <translation>wählen Sie mit --model ein anderes</translation>
    </message>
    <message>
      <source>choose another one, or add --overwrite</source>
      <translation>wählen Sie etwas anderes oder ergänzen Sie --overwrite</translation>
    </message>
    <message>
      <source>choose another one, or one video file</source>
      <translation>wählen Sie etwas anderes oder eine einzelne Videodatei</translation>
    </message>
    <message>
      <source>close other programs that use it, reconnect it, allow cameras in the privacy settings</source>
      <translation>schließen Sie andere Programme, die sie benutzen, stecken Sie sie neu an, erlauben Sie Kameras in den Datenschutzeinstellungen</translation>
    </message>
    <message>
      <source>close {0}, then try again</source>
      <translation>schließen Sie {0} und versuchen Sie es nochmals</translation>
    </message>
    <message>
      <source>comparing on {0} other frames</source>
      <translation>Vergleichen mit {0} anderen Bildern</translation>
    </message>
    <message>
      <source>configuration {0} is unknown</source>
      <translation>die Konfiguration {0} ist unbekannt</translation>
    </message>
    <message>
      <source>connect one, or choose another; `yolact-live sources` lists them</source>
      <translation>schließen Sie eine an oder wählen Sie eine andere; `yolact-live sources` zählt sie auf</translation>
    </message>
    <message>
      <source>copy or record it again</source>
      <translation>kopieren Sie die Datei nochmals oder nehmen Sie neu auf</translation>
    </message>
    <message>
      <source>delay {delay} ms</source>
      <translation>Verzögerung {delay} ms</translation>
    </message>
    <message>
      <source>delete it</source>
      <translation>löschen Sie die Datei</translation>
    </message>
    <message>
      <source>download or copy the file again</source>
      <translation>laden oder kopieren Sie die Datei nochmals</translation>
    </message>
    <message>
      <source>drag</source>
      <translation>ziehen</translation>
    </message>
    <message>
      <source>dropped {count} ({causes})</source>
      <translation>verworfen {count} ({causes})</translation>
    </message>
    <message>
      <source>end that recording first</source>
      <translation>beenden Sie erst jene Aufnahme</translation>
    </message>
    <message>
      <source>finds something else</source>
      <translation>findet etwas anderes</translation>
    </message>
    <message>
      <source>free some space</source>
      <translation>schaffen Sie Platz</translation>
    </message>
    <message>
      <source>free some space, or choose another disk</source>
      <translation>schaffen Sie Platz oder wählen Sie einen anderen Datenträger</translation>
    </message>
    <message>
      <source>give a TOML file with [[line]] and [[zone]]</source>
      <translation>geben Sie eine TOML-Datei mit [[line]] und [[zone]] an</translation>
    </message>
    <message>
      <source>give a folder</source>
      <translation>geben Sie einen Ordner an</translation>
    </message>
    <message>
      <source>give a text file, one name a line</source>
      <translation>geben Sie eine Textdatei mit einem Namen je Zeile an</translation>
    </message>
    <message>
      <source>give a video file; cameras have numbers</source>
      <translation>geben Sie eine Videodatei an; Kameras haben Nummern</translation>
    </message>
    <message>
      <source>give another name in {0}</source>
      <translation>geben Sie einen anderen Namen in {0} an</translation>
    </message>
    <message>
      <source>give another name with -o FILE, or add --overwrite</source>
      <translation>geben Sie mit -o DATEI einen anderen Namen an oder ergänzen Sie --overwrite</translation>
    </message>
    <message>
      <source>give one for each class, without the background</source>
      <translation>geben Sie einen für jede Klasse an, ohne den Hintergrund</translation>
    </message>
    <message>
      <source>give points = [[x, y], …], each number from 0 to 1</source>
      <translation>geben Sie points = [[x, y], …] an, jede Zahl von 0 bis 1</translation>
    </message>
    <message>
      <source>give the address of the stream itself, not of its page</source>
      <translation>geben Sie die Adresse des Streams selbst an, nicht die seiner Webseite</translation>
    </message>
    <message>
      <source>give the file that a recording left, NAME.part.mp4</source>
      <translation>geben Sie die Datei an, die eine Aufnahme hinterließ: NAME.part.mp4</translation>
    </message>
    <message>
      <source>give the name of a file</source>
      <translation>geben Sie den Namen einer Datei an</translation>
    </message>
    <message>
      <source>give the name of a folder</source>
      <translation>geben Sie den Namen eines Ordners an</translation>
    </message>
    <message>
      <source>give the name of the result: -o FILE</source>
      <translation>geben Sie den Namen des Ergebnisses an: -o DATEI</translation>
    </message>
    <message>
      <source>give weights of the original YOLACT, or name their configuration</source>
      <translation>geben Sie Gewichte des ursprünglichen YOLACT an oder nennen Sie ihre Konfiguration</translation>
    </message>
    <message>
      <source>give {0} or more</source>
      <translation>geben Sie {0} oder mehr an</translation>
    </message>
    <message>
      <source>inference failed on {0} ({1})</source>
      <translation>die Inferenz auf {0} ist fehlgeschlagen ({1})</translation>
    </message>
    <message>
      <source>install it with `pip install "yolact-live[optimise]"`</source>
      <translation>installieren Sie es mit `pip install "yolact-live[optimise]"`</translation>
    </message>
    <message>
      <source>it belongs beside {0}</source>
      <translation>sie gehört neben {0}</translation>
    </message>
    <message>
      <source>it is now {0}; the defaults are used</source>
      <translation>sie heißt jetzt {0}; es gelten die Standardwerte</translation>
    </message>
    <message>
      <source>it was broken off too early; remove it</source>
      <translation>sie wurde zu früh abgebrochen; entfernen Sie sie</translation>
    </message>
    <message>
      <source>its classes are {0}</source>
      <translation>seine Klassen sind {0}</translation>
    </message>
    <message>
      <source>its size is {0}; x and y count from 0</source>
      <translation>seine Größe ist {0}; x und y zählen ab 0</translation>
    </message>
    <message>
      <source>leave them out for {0} files</source>
      <translation>lassen Sie sie bei {0}-Dateien weg</translation>
    </message>
    <message>
      <source>let it be written to</source>
      <translation>erlauben Sie das Schreiben</translation>
    </message>
    <message>
      <source>line</source>
      <translation>Linie</translation>
    </message>
    <message>
      <source>make a new one</source>
      <translation>machen Sie eine neue</translation>
    </message>
    <message>
      <source>make it, or choose another one</source>
      <translation>legen Sie ihn an oder wählen Sie einen anderen</translation>
    </message>
    <message>
      <source>make room</source>
      <translation>schaffen Sie Platz</translation>
    </message>
    <message>
      <source>make room and run the same command again</source>
      <translation>schaffen Sie Platz und führen Sie denselben Befehl nochmals aus</translation>
    </message>
    <message>
      <source>mask AP {ap}</source>
      <translation>Masken-AP {ap}</translation>
    </message>
    <message>
      <source>measuring speed, round {0} of {1}</source>
      <translation>Tempo messen, Runde {0} von {1}</translation>
    </message>
    <message>
      <source>name a file, a camera, an address, screen or testcard</source>
      <translation>nennen Sie eine Datei, eine Kamera, eine Adresse, screen oder testcard</translation>
    </message>
    <message>
      <source>name them {0}</source>
      <translation>nennen Sie sie {0}</translation>
    </message>
    <message>
      <source>never</source>
      <translation>nie</translation>
    </message>
    <message>
      <source>no encoder here writes {0}×{1} pictures to {2} files</source>
      <translation>kein Encoder schreibt hier Bilder von {0}×{1} in {2}-Dateien</translation>
    </message>
    <message>
      <source>no model at {0}</source>
      <translation>kein Modell unter {0}</translation>
    </message>
    <message>
      <source>no picture can be read from {0}</source>
      <translation>aus {0} lässt sich kein Bild lesen</translation>
    </message>
    <message>
      <source>no source is given</source>
      <translation>es ist keine Quelle angegeben</translation>
    </message>
    <message>
      <source>no weights are published as {0}</source>
      <translation>unter dem Namen {0} sind keine Gewichte veröffentlicht</translation>
    </message>
    <message>
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>nichts</translation>
    </message>
    <message>
      <source>nothing was recorded</source>
      <translation>es wurde nichts aufgenommen</translation>
    </message>
    <message>
      <source>only</source>
      <translation>nur</translation>
    </message>
    <message>
      <source>only if it asks for one</source>
      <translation>nur falls danach gefragt wird</translation>
    </message>
    <message>
      <source>open what the model will see, then optimise</source>
      <translation>öffnen Sie, was das Modell sehen wird, und optimieren Sie dann</translation>
    </message>
    <message>
      <source>opening {0} was cancelled</source>
      <translation>das Öffnen von {0} wurde abgebrochen</translation>
    </message>
    <message>
      <source>or open a file, pick a camera, or paste an address</source>
      <translation>oder öffnen Sie eine Datei, wählen Sie eine Kamera oder fügen Sie eine Adresse ein</translation>
    </message>
    <message>
      <source>others</source>
      <translation>andere</translation>
    </message>
    <message>
      <source>overload</source>
      <translation>überlastet</translation>
    </message>
    <message>
      <source>put the .bin file beside the .xml</source>
      <translation>legen Sie die .bin-Datei neben die .xml-Datei</translation>
    </message>
    <message>
      <source>reading {0} was cancelled</source>
      <translation>das Lesen von {0} wurde abgebrochen</translation>
    </message>
    <message>
      <source>reconnecting</source>
      <translation>Neuverbindung</translation>
    </message>
    <message>
      <source>recording too slow</source>
      <translation>Aufnahme zu langsam</translation>
    </message>
    <message>
      <source>rtsp:// or http:// of a camera, a playlist (.m3u8) or a video. Passwords are not kept.</source>
      <translation>rtsp:// oder http:// einer Kamera, einer Wiedergabeliste (.m3u8) oder eines Videos. Kennwörter werden nicht gespeichert.</translation>
    </message>
    <message>
      <source>run the same command again: it goes on where it broke off</source>
      <translation>versuchen Sie es nochmals: es geht dort weiter, wo es abbrach</translation>
    </message>
    <message>
      <source>score {score}</source>
      <translation>Konfidenz {score}</translation>
    </message>
    <message>
      <source>screen</source>
      <translation>screen</translation>
    </message>
    <message>
      <source>screen:{0}</source>
      <translation>screen:{0}</translation>
    </message>
    <message>
      <source>see `yolact-live recover {0}`, or add --overwrite</source>
      <translation>siehe `yolact-live recover {0}`, oder ergänzen Sie --overwrite</translation>
    </message>
    <message>
      <source>see `yolact-live sources`</source>
      <translation>siehe `yolact-live sources`</translation>
    </message>
    <message>
      <source>see the README for an example</source>
      <translation>ein Beispiel steht in der README</translation>
    </message>
    <message>
      <source>see {0}</source>
      <translation>siehe {0}</translation>
    </message>
    <message>
      <source>skipped</source>
      <translation>übersprungen</translation>
    </message>
    <message>
      <source>skipped {count}</source>
      <translation>übersprungen {count}</translation>
    </message>
    <message>
      <source>something went wrong inside the program</source>
      <translation>im Programm ist etwas schiefgegangen</translation>
    </message>
    <message>
      <source>something went wrong inside the program: {error}</source>
      <translation>im Programm ist etwas schiefgegangen: {error}</translation>
    </message>
    <message>
      <source>start it in a terminal</source>
      <translation>starten Sie es in einem Terminal</translation>
    </message>
    <message>
      <source>start the recording while a video plays</source>
      <translation>starten Sie die Aufnahme, während ein Video läuft</translation>
    </message>
    <message>
      <source>start this in a graphical session (on Linux: X11)</source>
      <translation>starten Sie dies in einer grafischen Sitzung (unter Linux: X11)</translation>
    </message>
    <message>
      <source>still picture</source>
      <translation>Stillstand</translation>
    </message>
    <message>
      <source>test card</source>
      <translation>Testbild</translation>
    </message>
    <message>
      <source>testcard</source>
      <translation>testcard</translation>
    </message>
    <message>
      <source>testcard:0 has no frames</source>
      <translation>testcard:0 hat keine Bilder</translation>
    </message>
    <message>
      <source>the CPU goes on instead</source>
      <translation>stattdessen macht die CPU weiter</translation>
    </message>
    <message>
      <source>the CPU runs it instead</source>
      <translation>stattdessen läuft es auf der CPU</translation>
    </message>
    <message>
      <source>the built-in model cannot be removed</source>
      <translation>das eingebaute Modell lässt sich nicht entfernen</translation>
    </message>
    <message>
      <source>the default is used instead</source>
      <translation>es gilt der Standardwert</translation>
    </message>
    <message>
      <source>the file is damaged: parts of it could not be read</source>
      <translation>die Datei ist beschädigt: Teile davon ließen sich nicht lesen</translation>
    </message>
    <message>
      <source>the file is damaged: {0} of about {1} frames could be read</source>
      <translation>die Datei ist beschädigt: {0} von etwa {1} Bildern ließen sich lesen</translation>
    </message>
    <message>
      <source>the folder {0} does not exist</source>
      <translation>der Ordner {0} existiert nicht</translation>
    </message>
    <message>
      <source>the folder {0} is not empty</source>
      <translation>der Ordner {0} ist nicht leer</translation>
    </message>
    <message>
      <source>the folder {0} may not be written to</source>
      <translation>in den Ordner {0} darf nicht geschrieben werden</translation>
    </message>
    <message>
      <source>the model has no class {0}</source>
      <translation>das Modell hat keine Klasse {0}</translation>
    </message>
    <message>
      <source>the model is not YOLACT: expected {0}, found {1}</source>
      <translation>das Modell ist kein YOLACT: erwartet wird {0}, gefunden wurde {1}</translation>
    </message>
    <message>
      <source>the picture is on the clipboard</source>
      <translation>das Bild ist in der Zwischenablage</translation>
    </message>
    <message>
      <source>the program failed the last time</source>
      <translation>das Programm ist beim letzten Mal fehlgeschlagen</translation>
    </message>
    <message>
      <source>the screen cannot be read ({0})</source>
      <translation>der Bildschirm lässt sich nicht lesen ({0})</translation>
    </message>
    <message>
      <source>the segmenter is closed</source>
      <translation>der Segmenter ist geschlossen</translation>
    </message>
    <message>
      <source>the settings cannot be kept ({0} is read-only)</source>
      <translation>die Werte lassen sich nicht speichern ({0} ist schreibgeschützt)</translation>
    </message>
    <message>
      <source>the settings cannot be kept ({0})</source>
      <translation>die Werte lassen sich nicht speichern ({0})</translation>
    </message>
    <message>
      <source>the weights are not those of {0}: {1}</source>
      <translation>die Gewichte sind nicht die von {0}: {1}</translation>
    </message>
    <message>
      <source>the weights have the backbone of {0}, not of {1}</source>
      <translation>die Gewichte haben das Rückgrat von {0}, nicht von {1}</translation>
    </message>
    <message>
      <source>there is no camera {0}</source>
      <translation>es gibt keine Kamera {0}</translation>
    </message>
    <message>
      <source>there is no footage</source>
      <translation>es gibt kein Bildmaterial</translation>
    </message>
    <message>
      <source>there is no frame in {0}</source>
      <translation>in {0} ist kein Bild</translation>
    </message>
    <message>
      <source>there is no host {0}</source>
      <translation>es gibt keinen Rechner {0}</translation>
    </message>
    <message>
      <source>there is no screen {0}</source>
      <translation>es gibt keinen Bildschirm {0}</translation>
    </message>
    <message>
      <source>these are not weights of YOLACT (prediction_layers.0.conf_layer.bias)</source>
      <translation>dies sind keine Gewichte von YOLACT (prediction_layers.0.conf_layer.bias)</translation>
    </message>
    <message>
      <source>these are weights of {0}</source>
      <translation>dies sind Gewichte von {0}</translation>
    </message>
    <message>
      <source>too late</source>
      <translation>zu spät</translation>
    </message>
    <message>
      <source>try again</source>
      <translation>versuchen Sie es nochmals</translation>
    </message>
    <message>
      <source>try another model or precision</source>
      <translation>versuchen Sie ein anderes Modell oder eine andere Genauigkeit</translation>
    </message>
    <message>
      <source>try the device CPU</source>
      <translation>versuchen Sie das Gerät CPU</translation>
    </message>
    <message>
      <source>two outputs have one name</source>
      <translation>zwei Ausgaben haben denselben Namen</translation>
    </message>
    <message>
      <source>unknown device {0}</source>
      <translation>unbekanntes Gerät {0}</translation>
    </message>
    <message>
      <source>unknown model {0}</source>
      <translation>unbekanntes Modell {0}</translation>
    </message>
    <message>
      <source>use --name with letters, digits, - and _</source>
      <translation>verwenden Sie --name mit Buchstaben, Ziffern, - und _</translation>
    </message>
    <message>
      <source>use --overwrite, or another name</source>
      <translation>verwenden Sie --overwrite oder einen anderen Namen</translation>
    </message>
    <message>
      <source>use `yolact-live models download {0}`</source>
      <translation>verwenden Sie `yolact-live models download {0}`</translation>
    </message>
    <message>
      <source>use `yolact-live models import {0}` first</source>
      <translation>verwenden Sie zuerst `yolact-live models import {0}`</translation>
    </message>
    <message>
      <source>use a YOLACT model as OpenVINO IR or ONNX</source>
      <translation>verwenden Sie ein YOLACT-Modell als OpenVINO IR oder ONNX</translation>
    </message>
    <message>
      <source>use one of AUTO, {0}</source>
      <translation>verwenden Sie eins von AUTO, {0}</translation>
    </message>
    <message>
      <source>use one of {0}</source>
      <translation>verwenden Sie eins von {0}</translation>
    </message>
    <message>
      <source>use screen:1 to screen:{0}</source>
      <translation>verwenden Sie screen:1 bis screen:{0}</translation>
    </message>
    <message>
      <source>use {0}</source>
      <translation>verwenden Sie {0}</translation>
    </message>
    <message>
      <source>use {0} to {1}</source>
      <translation>verwenden Sie {0} bis {1}</translation>
    </message>
    <message>
      <source>wait until it has ended</source>
      <translation>warten Sie, bis er beendet ist</translation>
    </message>
    <message>
      <source>write it like rtsp://camera.local/stream</source>
      <translation>schreiben Sie sie wie rtsp://kamera.local/stream</translation>
    </message>
    <message>
      <source>write it like rtsp://user:password@camera.local:554/stream, in a password %40 for @, %2F for /</source>
      <translation>schreiben Sie sie wie rtsp://name:kennwort@kamera.local:554/stream, im Kennwort %40 für @, %2F für /</translation>
    </message>
    <message>
      <source>write testcard:10 for ten seconds</source>
      <translation>schreiben Sie testcard:10 für zehn Sekunden</translation>
    </message>
    <message>
      <source>zone</source>
      <translation>Zone</translation>
    </message>
    <message>
      <source>zones cannot be kept ({0})</source>
      <translation>Zonen lassen sich nicht speichern ({0})</translation>
    </message>
    <message>
      <source>{0} MB are needed, {1} MB are free in {2}</source>
      <translation>{0} MB werden gebraucht, {1} MB sind frei in {2}</translation>
    </message>
    <message>
      <source>{0} cannot be finished ({1})</source>
      <translation>{0} lässt sich nicht abschließen ({1})</translation>
    </message>
    <message>
      <source>{0} cannot be made ({1})</source>
      <translation>{0} lässt sich nicht anlegen ({1})</translation>
    </message>
    <message>
      <source>{0} cannot be opened</source>
      <translation>{0} lässt sich nicht öffnen</translation>
    </message>
    <message>
      <source>{0} cannot be read ({1})</source>
      <translation>{0} lässt sich nicht lesen ({1})</translation>
    </message>
    <message>
      <source>{0} cannot be read as a model ({1})</source>
      <translation>{0} lässt sich nicht als Modell lesen ({1})</translation>
    </message>
    <message>
      <source>{0} cannot be read on ({1})</source>
      <translation>{0} lässt sich nicht weiterlesen ({1})</translation>
    </message>
    <message>
      <source>{0} cannot be written</source>
      <translation>{0} lässt sich nicht schreiben</translation>
    </message>
    <message>
      <source>{0} cannot be written ({1})</source>
      <translation>{0} lässt sich nicht schreiben ({1})</translation>
    </message>
    <message>
      <source>{0} cannot be written ({1}); {2}</source>
      <translation>{0} lässt sich nicht schreiben ({1}); {2}</translation>
    </message>
    <message>
      <source>{0} cannot be written to {1} ({2})</source>
      <translation>{0} lässt sich nicht nach {1} schreiben ({2})</translation>
    </message>
    <message>
      <source>{0} cannot run {1} ({2})</source>
      <translation>{0} kann {1} nicht ausführen ({2})</translation>
    </message>
    <message>
      <source>{0} could not be downloaded ({1})</source>
      <translation>{0} konnte nicht heruntergeladen werden ({1})</translation>
    </message>
    <message>
      <source>{0} could not be started</source>
      <translation>{0} konnte nicht gestartet werden</translation>
    </message>
    <message>
      <source>{0} did not open within {1} s</source>
      <translation>{0} war nach {1} s noch nicht offen</translation>
    </message>
    <message>
      <source>{0} does not answer</source>
      <translation>{0} antwortet nicht</translation>
    </message>
    <message>
      <source>{0} does not exist</source>
      <translation>{0} existiert nicht</translation>
    </message>
    <message>
      <source>{0} exists</source>
      <translation>{0} existiert</translation>
    </message>
    <message>
      <source>{0} has an unknown extension</source>
      <translation>{0} hat eine unbekannte Endung</translation>
    </message>
    <message>
      <source>{0} has ended</source>
      <translation>{0} ist zu Ende</translation>
    </message>
    <message>
      <source>{0} has no extension</source>
      <translation>{0} hat keine Endung</translation>
    </message>
    <message>
      <source>{0} has no frame that can be decoded</source>
      <translation>{0} hat kein Bild, das sich dekodieren lässt</translation>
    </message>
    <message>
      <source>{0} has no pictures in it</source>
      <translation>{0} enthält keine Bilder</translation>
    </message>
    <message>
      <source>{0} has no video in it</source>
      <translation>{0} enthält kein Video</translation>
    </message>
    <message>
      <source>{0} has only {1} frames</source>
      <translation>{0} hat nur {1} Bilder</translation>
    </message>
    <message>
      <source>{0} has sent no picture</source>
      <translation>{0} hat kein Bild gesendet</translation>
    </message>
    <message>
      <source>{0} has sent no picture for {1} s</source>
      <translation>{0} hat {1} s lang kein Bild gesendet</translation>
    </message>
    <message>
      <source>{0} has sent nothing for too long</source>
      <translation>{0} hat zu lange nichts gesendet</translation>
    </message>
    <message>
      <source>{0} holds no line or zone for {1}</source>
      <translation>{0} enthält keine Linie oder Zone für {1}</translation>
    </message>
    <message>
      <source>{0} holds one picture, and there are more</source>
      <translation>{0} fasst ein Bild, und es gibt mehr</translation>
    </message>
    <message>
      <source>{0} holds one picture, and {1} has {2}</source>
      <translation>{0} fasst ein Bild, und {1} hat {2}</translation>
    </message>
    <message>
      <source>{0} holds the input itself</source>
      <translation>{0} enthält die Eingabe selbst</translation>
    </message>
    <message>
      <source>{0} is INT8 already</source>
      <translation>{0} ist schon INT8</translation>
    </message>
    <message>
      <source>{0} is a file</source>
      <translation>{0} ist eine Datei</translation>
    </message>
    <message>
      <source>{0} is a folder</source>
      <translation>{0} ist ein Ordner</translation>
    </message>
    <message>
      <source>{0} is being written by another program</source>
      <translation>{0} wird gerade von einem anderen Programm geschrieben</translation>
    </message>
    <message>
      <source>{0} is damaged ({1} has changed)</source>
      <translation>{0} ist beschädigt ({1} hat sich geändert)</translation>
    </message>
    <message>
      <source>{0} is damaged ({1})</source>
      <translation>{0} ist beschädigt ({1})</translation>
    </message>
    <message>
      <source>{0} is empty</source>
      <translation>{0} ist leer</translation>
    </message>
    <message>
      <source>{0} is in use by {1}</source>
      <translation>{0} wird von {1} benutzt</translation>
    </message>
    <message>
      <source>{0} is installed already</source>
      <translation>{0} ist schon installiert</translation>
    </message>
    <message>
      <source>{0} is left of a recording that was broken off</source>
      <translation>{0} ist von einer abgebrochenen Aufnahme übrig</translation>
    </message>
    <message>
      <source>{0} is missing</source>
      <translation>{0} fehlt</translation>
    </message>
    <message>
      <source>{0} is neither a file nor a camera</source>
      <translation>{0} ist weder eine Datei noch eine Kamera</translation>
    </message>
    <message>
      <source>{0} is no address</source>
      <translation>{0} ist keine Adresse</translation>
    </message>
    <message>
      <source>{0} is no address of a stream</source>
      <translation>{0} ist keine Adresse eines Streams</translation>
    </message>
    <message>
      <source>{0} is no ordinary file</source>
      <translation>{0} ist keine gewöhnliche Datei</translation>
    </message>
    <message>
      <source>{0} is no part of a recording</source>
      <translation>{0} ist kein Teil einer Aufnahme</translation>
    </message>
    <message>
      <source>{0} is no source</source>
      <translation>{0} ist keine Quelle</translation>
    </message>
    <message>
      <source>{0} is not a video or picture</source>
      <translation>{0} ist kein Video und kein Bild</translation>
    </message>
    <message>
      <source>{0} is not an IR or ONNX file</source>
      <translation>{0} ist keine IR- oder ONNX-Datei</translation>
    </message>
    <message>
      <source>{0} is not installed</source>
      <translation>{0} ist nicht installiert</translation>
    </message>
    <message>
      <source>{0} is not of the kind of {1}</source>
      <translation>{0} ist nicht von der Art von {1}</translation>
    </message>
    <message>
      <source>{0} is still being written</source>
      <translation>{0} wird noch geschrieben</translation>
    </message>
    <message>
      <source>{0} is the input itself</source>
      <translation>{0} ist die Eingabe selbst</translation>
    </message>
    <message>
      <source>{0} is to be hidden (--blur), but not looked for</source>
      <translation>{0} soll verborgen, aber nicht gesucht werden</translation>
    </message>
    <message>
      <source>{0} is truncated, damaged or no checkpoint ({1})</source>
      <translation>{0} ist abgeschnitten, beschädigt oder kein Checkpoint ({1})</translation>
    </message>
    <message>
      <source>{0} labels for {1} classes</source>
      <translation>{0} Namen für {1} Klassen</translation>
    </message>
    <message>
      <source>{0} lacks its weights {1}.bin</source>
      <translation>{0} fehlen die Gewichte {1}.bin</translation>
    </message>
    <message>
      <source>{0} may not be used</source>
      <translation>{0} darf nicht benutzt werden</translation>
    </message>
    <message>
      <source>{0} names no host</source>
      <translation>{0} nennt keinen Rechner</translation>
    </message>
    <message>
      <source>{0} of {1} pictures could not be read</source>
      <translation>{0} von {1} Bildern ließen sich nicht lesen</translation>
    </message>
    <message>
      <source>{0} refuses access</source>
      <translation>{0} verweigert den Zugang</translation>
    </message>
    <message>
      <source>{0} sends no pictures</source>
      <translation>{0} sendet keine Bilder</translation>
    </message>
    <message>
      <source>{0} sends no video</source>
      <translation>{0} sendet kein Video</translation>
    </message>
    <message>
      <source>{0} was cut short: the index at its end is missing</source>
      <translation>{0} wurde abgeschnitten: das Verzeichnis am Ende fehlt</translation>
    </message>
    <message>
      <source>{0} {1} is out of range</source>
      <translation>{0} {1} liegt außerhalb des Bereichs</translation>
    </message>
    <message>
      <source>{0} {1} is unknown</source>
      <translation>{0} {1} ist unbekannt</translation>
    </message>
    <message>
      <source>{0}, and {1}</source>
      <translation>{0}, und {1}</translation>
    </message>
    <message>
      <source>{0}: the shortcuts of {1} are no list of texts</source>
      <translation>{0}: die Tasten von {1} sind keine Liste von Texten</translation>
    </message>
    <message>
      <source>{0}: {1} = {2} cannot be used ({3})</source>
      <translation>{0}: {1} = {2} ist nicht brauchbar ({3})</translation>
    </message>
    <message>
      <source>{0}: {1} = {2} is not of the right kind</source>
      <translation>{0}: {1} = {2} ist nicht von der richtigen Art</translation>
    </message>
    <message>
      <source>{0}x{1}+{2}+{3} is no part of the screen</source>
      <translation>{0}x{1}+{2}+{3} ist kein Teil des Bildschirms</translation>
    </message>
    <message>
      <source>{amount} left</source>
      <translation>{amount} frei</translation>
    </message>
    <message>
      <source>{area} px · {share} of the picture</source>
      <translation>{area} px · {share} des Bilds</translation>
    </message>
    <message>
      <source>{camera} at</source>
      <translation>{camera} mit</translation>
    </message>
    <message>
      <source>{device} in {precision}: {verdict}</source>
      <translation>{device} in {precision}: {verdict}</translation>
    </message>
    <message>
      <source>{keys}  ⚠ also {names}</source>
      <translation>{keys}  ⚠ auch {names}</translation>
    </message>
    <message>
      <source>{keys} is used by “{action}”.</source>
      <translation>{keys} gehört zu „{action}“.</translation>
    </message>
    <message>
      <source>{missing} lost, {extra} new, {relabelled} of another class; mask IoU {iou}</source>
      <translation>{missing} verloren, {extra} neu, {relabelled} mit anderer Klasse; Masken-IoU {iou}</translation>
    </message>
    <message>
      <source>{name} is installed</source>
      <translation>{name} ist installiert</translation>
    </message>
    <message>
      <source>{name} – out of sight</source>
      <translation>{name} – nicht zu sehen</translation>
    </message>
    <message>
      <source>{number}%</source>
      <translation>{number} %</translation>
    </message>
    <message numerus="yes">
      <source>{n} classes</source>
      <translation>
        <numerusform>{n} Klasse</numerusform>
        <numerusform>{n} Klassen</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{n} days</source>
      <translation>
        <numerusform>{n} Tag</numerusform>
        <numerusform>{n} Tage</numerusform>
      </translation>
    </message>
    <message>
      <source>{n} dropped</source>
      <translation>{n} verworfen</translation>
    </message>
    <message numerus="yes">
      <source>{n} frames</source>
      <translation>
        <numerusform>{n} Bild</numerusform>
        <numerusform>{n} Bilder</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{n} hours</source>
      <translation>
        <numerusform>{n} Stunde</numerusform>
        <numerusform>{n} Stunden</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{n} minutes</source>
      <translation>
        <numerusform>{n} Minute</numerusform>
        <numerusform>{n} Minuten</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{n} objects compared:</source>
      <translation>
        <numerusform>{n} Objekt verglichen:</numerusform>
        <numerusform>{n} Objekte verglichen:</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{n} seconds</source>
      <translation>
        <numerusform>{n} Sekunde</numerusform>
        <numerusform>{n} Sekunden</numerusform>
      </translation>
    </message>
    <message>
      <source>{size} · {rate} fps</source>
      <translation>{size} · {rate} fps</translation>
    </message>
    <message>
      <source>{stage}: median {p50} ms, 95 of 100 frames {p95} ms, 99 of 100 frames {p99} ms</source>
      <translation>{stage}: Median {p50} ms, 95 von 100 Bildern {p95} ms, 99 von 100 Bildern {p99} ms</translation>
    </message>
    <message>
      <source>{times} times as fast as in {precision}</source>
      <translation>{times}-mal so schnell wie in {precision}</translation>
    </message>
    <message>
      <source>{title}. {classes}, {size} MB, licence {licence}.</source>
      <translation>{title}. {classes}, {size} MB, Lizenz {licence}.</translation>
    </message>
    <message>
      <source>○ Paused</source>
      <translation>○ Angehalten</translation>
    </message>
    <message>
      <source>● Recording</source>
      <translation>● Aufnahme</translation>
    </message>
  </context>
</TS>
