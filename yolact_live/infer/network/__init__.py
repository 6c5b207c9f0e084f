"""YOLACT as an OpenVINO graph, built from the arrays of a checkpoint.

The graph takes a BGR picture of 0..255 and gives what the reference model gives: ``conf``,
``mask``, ``proto``, ``boxes``. Batch-norm, channel swap and scaling are folded into
convolutions; the head's weights are stored once and used on all levels.

One function describes each part of the network. It asks :class:`Weights` for its arrays
by the published key and the shape that follows from the :class:`Config`; what is missing,
misshapen or left over is collected and reported together. A further backbone is one more
function of the type :data:`Backbone`.
"""

from yolact_live.infer.network.build import build_network
from yolact_live.infer.network.config import PUBLISHED, Config, config_of, tell_config
from yolact_live.infer.network.facts import Facts, measure

__all__ = ["PUBLISHED", "Config", "Facts", "build_network", "config_of", "measure", "tell_config"]
