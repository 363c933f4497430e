"""The ways a message can take. A channel is one file: it has a name, says where it delivers to, and sends."""
