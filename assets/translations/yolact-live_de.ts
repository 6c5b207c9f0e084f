<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>YOLACT Live</name>
    <message>
      <source>--config and --size are for checkpoints</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>--labels {0} cannot be read ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>--size {0} is out of range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>About</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>About YOLACT Live</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Action</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Add</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All actions and their shortcuts.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All defaults</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All panels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Arithmetic of inference.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>As 1:05.5, 65.5 or 25 %; at most {most}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>At most</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>At most this many objects a frame, best first.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Auto</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Back 5 %</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Back 5 seconds</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Background</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bf16</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Black</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Blue</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Blur</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Boxes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Built-in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Built-in model, name of an installed one, or path of an OpenVINO IR or ONNX file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Camera</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Check devices</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Check nothing, to choose some then</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Checker</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a colour</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose an action to change its keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose an action to change its keys. Changed ones are bold.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose another</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Class</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Classes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Clear marks</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Click to draw: two points make a line, more a zone</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Closing …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Colours</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Colours of the window.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Compare what each device finds with exact arithmetic</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Compiling the model …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Contour width</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Contours</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copied</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy diagnostics</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy the report</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy versions, machine and settings: what a report of a problem needs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Count</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Counts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cross class</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cut-out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dark</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Decode</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Default</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Delay</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Detection</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Deutsch</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Device</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Discard</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dismiss</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Do not show this again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Does nothing: the same keys as {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Download {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Draw</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Draw boxes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Draw lines and zones on the picture, to count there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Draw the outline of every mask.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Drop a video here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Drop a video onto the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dropped</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Duplicates</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Duration</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ended</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>English</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Enlarge the picture; the wheel does it at the pointer.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Enter or double-click finishes, Esc leaves · drag points · Delete removes · F2 renames</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Every N frames</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exact</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>F16</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>F32</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Failed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fast</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Faster</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Find an action</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Find an action…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Find anything by its name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Finish the recording and close.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Follow next object</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Follow objects</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Follow objects over time, each by a number.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Follow objects over time.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Forward 5 %</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Forward 5 seconds</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Frames</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Frames a second</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Frames a second, last minute</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Frames per second</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Full screen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Get</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give all actions the keys they were made with</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give the action the keys that it was made with</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give the action these keys besides its own</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go back by 5 % of the whole.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go back by 5 seconds.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go back by one frame.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go on by 5 % of the whole.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go on by 5 seconds.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go on by one frame.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go to the first frame, or the in mark.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go to the last frame, or the out mark.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go to time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go to time…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Got it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Greedy</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Green</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Grey</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Help</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Hide</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Hide by</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>High</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How duplicates are removed: fast (per class), cross-class, greedy.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How many are seen now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How the picture looks.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How they are made unrecognisable.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>INT8 needs NNCF</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In use: {device}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Inference</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Inferences at the same time; 0 lets OpenVINO choose.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep the report, and ask at the next start again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keyboard shortcuts…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Language</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Language of the window.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Libraries</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Libraries, their versions and licences</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Library</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Licence</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Light</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Lines and zones</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Live</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Live timing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look for every class</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look for this class</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look for this class only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking for cameras …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Loop</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Low</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Lower the score threshold.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make a faster form of this model with your own footage</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make objects of these classes unrecognisable, comma-separated.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make objects of this class unrecognisable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Marks</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks over the picture, masks alone, the objects cut out, or a blurred background.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 10 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 100 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 20 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 30 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 40 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 50 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 60 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 70 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 80 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Masks with an opacity of 90 %.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Material</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Menu</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Models (*.xml *.onnx);;All files (*)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Models and devices.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>More models</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Move down</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Move left</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Move right</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Move up</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Names</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>New key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Next frame</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Next view</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No camera found</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No model is running</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>None</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Normal speed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing is checked: check what to look for.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Object</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Objects</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Objects, last minute</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Off</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Okabe–Ito</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One colour for each</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One colour for each object or for each class.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One pixel of the picture is one of the screen.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Only the picture; Esc comes back.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Only these classes, comma-separated.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Opacity</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Opacity of masks</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Opacity of the masks over the picture, 0 to 1.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open a video</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open a video file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open file…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open the path or address on the clipboard.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>OpenVINO device: AUTO, CPU, GPU, NPU.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Opening {name} …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Opening …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Optimise for INT8</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Order</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Over time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Overlay</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Overlay, masks alone, cut-out, blurred background.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Palette</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Panels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Paste path or address</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pause</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Paused</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pick a camera</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pick a camera or another live source.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pin one object after another.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pixelate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play all of the file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play at the next higher speed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play at the next lower speed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play at the speed of the file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play from the frame that is shown.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play or pause.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play up to the frame that is shown.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Playback</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Playing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Position</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Precision</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Preferences</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Preferences…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Prepare</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Press Play to start again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Press the keys that the action shall have</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Previous frame</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Privacy</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Quit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Raise the score threshold.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ready</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reconnect for</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reconnecting in {wait} s …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reconnecting …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Record</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Record what you see</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Record what you see to a video.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Recorded</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Recording</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Remove keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rename</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Report</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Report of a failure</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reset all to defaults</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reset settings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Retry</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Run inference on every N-th frame.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Run no inference while the picture stands still.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Runs on {device}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Save the picture that is shown.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Saved</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Score</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Scores</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Search</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Search actions and keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Search classes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See all keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See all shortcuts, and change them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See more of its bottom.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See more of its right.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See more of its top.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See more of the left of an enlarged picture.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See more of the picture.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See the whole picture.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Segments every object in live or recorded video, in real time, on the processor you already own.

The program and its built-in model are under the MIT licence. The method is YOLACT (Bolya, Zhou, Xiao, Lee, 2019). It is made with:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Self-check</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set everything back to how it was made.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set in mark</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set out mark</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Settings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Shortcuts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show fewer objects</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show more objects</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show objects that score more than this.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show only actions with these letters in their names or keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show only classes with these letters in their names</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show or hide boxes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show or hide class names.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show or hide masks and contours.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show or hide scores.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show or hide the panels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show report</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the newest frame at once, with the newest masks moved onto it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show what to try</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show what to try on the picture.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show where the reports are</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Skip when still</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Slower</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Smooth masks, boxes and scores over time.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Snapshot</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Solid: median. Pale: 95 of 100 frames. Mark: 99 of 100 frames.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Source</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Space checks a cell, Enter looks for one class only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Speed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Speed, delay and drops.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stages, milliseconds</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Start again at the end.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Starting …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Statistics</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Steadiness</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop and let go of the camera or file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop: {task}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stopped</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stopping …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Streams</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Strength of blurring and pixelating, 0.1 to 1.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>System</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take over</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The action has no keys then</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The classes are listed once a model runs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The language changes at the next start.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The program failed in a way that nobody foresaw. This report says where. It stays on this computer; passing it on to the authors helps them to mend it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Theme</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Theme and other habits of the window.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Threads</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Threads of inference on the CPU; 0 lets OpenVINO choose.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Throw all reports away</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Times of the stages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Timing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the end</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the start</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tol, bright</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tol, muted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tools</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Total</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Track</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Type some letters of an action or setting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Type the time to go to.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Type what you want to do.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Version</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Versions, licences and diagnostics.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Video</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Videos ({patterns});;All files (*)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>View</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Wait</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Wait so many seconds for a camera or stream that was lost; 0 = not at all.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Welcome. Things to try:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What a person needs who is to mend this</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What counts as found.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What do you want to do?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What fits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What fits, best first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What is behind masks alone and objects cut out.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What the window shows: each frame with its own masks (exact), or the newest frame at once, with the newest masks moved onto it (live). Recordings are always exact.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What to look for, and what to hide</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What to try</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which classes are looked for.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which colours; all but material are told apart with any colour vision.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>White</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Width of outlines, in pixels of a picture with 720 lines.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Window</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write class names.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write how many objects of each class there are and were.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write scores.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a model cannot be named {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a report tells where</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>add yourself to the group video (sudo usermod -aG video $USER), then log in again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>add {0} to the classes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>agrees</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>all</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>another process is changing {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>auto</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check how it is written</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check it, then try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check its permissions</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check that it is on and reachable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check that it is on, connected and not in use</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check the address</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check the address and the network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check the disk or the network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check the path</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check the path, or leave --model out for the built-in one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check the path; `yolact-live models list` shows names</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>check {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose a file with moving pictures</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another extension</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another file, or copy it again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another folder for the output</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another name for the output</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another name, or add --overwrite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another one with --model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another one, or add --overwrite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>choose another one, or one video file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>close {0}, then try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>configuration {0} is unknown</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>connect one, or choose another; `yolact-live sources` lists them</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>copy or record it again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>delay {delay} ms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>delete it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>drag</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>dropped {count} ({causes})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>end that recording first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>finds something else</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>finishing …</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>free some space</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>full</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give a TOML file with [[line]] and [[zone]]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give a folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give a text file, one name a line</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give a video file; cameras have numbers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give another name in {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give another name with -o FILE, or add --overwrite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give one for each class, without the background</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give the address of the stream itself, not of its page</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give the file that a recording left, NAME.part.mp4</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give the name of a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give the name of a folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give the name of the result: -o FILE</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>give {0} or more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>inference failed on {0} ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>install it with `pip install "yolact-live[optimise]"`</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it belongs beside {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is now {0}; the defaults are used</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it was broken off too early; remove it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its classes are {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>its size is {0}; x and y count from 0</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>leave them out for {0} files</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>line</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>make a new one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>make it, or choose another one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>make room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>make room and run the same command again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>mask AP {ap}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>name a file, a camera, an address, screen or testcard</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>name them {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>never</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no model at {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no picture can be read from {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no source is given</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no weights are published as {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>none</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing was recorded</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>open what the model will see, then optimise</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>opening {0} was cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>or open a file, pick a camera, or paste an address</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>others</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>put the .bin file beside the .xml</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>reading {0} was cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>reconnect</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>recorder full</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>score {score}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see `yolact-live recover {0}`, or add --overwrite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see `yolact-live sources`</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see the README for an example</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>skipped</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>skipped {count}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>something went wrong inside the program</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>something went wrong inside the program: {error}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>stale</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>start it in a terminal</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>start the recording while a video plays</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>start this in a graphical session (on Linux: X11)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>still</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>testcard:0 has no frames</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the CPU goes on instead</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the CPU runs it instead</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the built-in model cannot be removed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the default is used instead</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the folder {0} does not exist</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the folder {0} is not empty</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the folder {0} may not be written to</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the model has no class {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the model is not YOLACT: expected {0}, found {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the program failed the last time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the screen cannot be read ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the segmenter is closed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the settings cannot be kept ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the weights are not those of {0}: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the weights have the backbone of {0}, not of {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no camera {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no footage</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no frame in {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no host {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no screen {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>these are not weights of YOLACT (prediction_layers.0.conf_layer.bias)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>these are weights of {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>try --device CPU</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>try device='CPU'</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>two outputs have one name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>unknown device {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>unknown model {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use --name with letters, digits, - and _</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use --overwrite, or another name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use `yolact-live models download {0}`</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use `yolact-live models import {0}` first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use one of AUTO, {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use one of {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use screen:1 to screen:{0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>use {0} to {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>wait until it has ended</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>write it like rtsp://camera.local/stream</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>write testcard:10 for ten seconds</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>zone</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} MB are needed, {1} MB are free in {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be finished ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be made ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be opened</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be read ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be read as a model ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be written</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be written ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be written ({1}); {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be written to {1} ({2})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot run {1} ({2})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} could not be downloaded ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} could not be started</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not answer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not exist</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} exists</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has ended</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has no frame that can be decoded</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has no pictures in it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has no video in it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has only {1} frames</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has sent no picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has sent nothing for too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds no line or zone for {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds one picture, and there are more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds one picture, and {1} has {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds the input itself</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is INT8 already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is being written by another program</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is damaged ({1} has changed)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is damaged ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is empty</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is in use by {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is installed already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is missing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is neither a file nor a camera</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is no address ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is no address of a stream</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is no ordinary file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is no part of a recording</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is no source</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not a video or picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not an IR or ONNX file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not installed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not of the kind of {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is still being written</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is the input itself</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is to be hidden (--blur), but not looked for</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is truncated, damaged or no checkpoint ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} labels for {1} classes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} lacks its weights {1}.bin</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} may not be used</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} names no host</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} refuses access</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} sends no pictures</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} sends no video</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was cut short: the index at its end is missing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} {1} is out of range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} {1} is unknown</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}, and {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}x{1}+{2}+{3} is no part of the screen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{area} px · {share} of the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{device} in {precision}: {verdict}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{keys}  ⚠ also {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{keys} is used by “{action}”.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is installed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} – out of sight</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number}%</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>{n} classes</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>{n} frames</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{title}. {classes}, {size} MB, licence {licence}.</source>
      <translation type="unfinished" />
    </message>
  </context>
</TS>
