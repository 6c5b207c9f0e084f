"""A network camera: GStreamer's RTSP server, which shows numbered pictures over and over.

Run by the system's Python, for which alone distributions build GStreamer's bindings::

    python3 rtsp_server.py PORT 'FOLDER/%d.jpg' [USER PASSWORD] [--udp]

PORT 0 = any; --udp: it cannot send pictures over TCP. Prints the port when it listens.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

LAUNCH = (
    '( multifilesrc loop=true location="{}" caps=image/jpeg,framerate=25/1 ! jpegdec ! videoconvert '
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 "
    "! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)


def main(port: str, pattern: str, user: str = "", password: str = "") -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(pattern))
    factory.set_shared(True)
    if "--udp" in sys.argv:
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    if user:
        guard = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        guard.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        server.set_auth(guard)
        factory.add_role_from_structure(
            Gst.Structure.from_string("user,media.factory.access=true,media.factory.construct=true")[0]
        )
    server.get_mount_points().add_factory("/live", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main(*(word for word in sys.argv[1:] if word != "--udp"))
