"""The lower part of a network, cut out of an ONNX file without the weight of the onnx package.

An ONNX file is a protobuf message (https://protobuf.dev/programming-guides/encoding/): a `ModelProto` whose field 7 is
the graph, in which field 1 repeats the nodes, in an order in which each follows what it needs, and field 12 the outputs
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
"""

from __future__ import annotations

from collections.abc import Iterator

_GRAPH = 7
_NODE, _OUTPUT = 1, 12
_OUTPUTS_OF_NODE = 2
_NAME = 1
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


def cut(model: bytes, until: str) -> bytes:
    """A model that ends with the tensor named `until`, its only output; weights of what is left out may stay in it.

    Raises:
        ValueError: no node gives that tensor, or these bytes are no ONNX model.
    """
    parts: list[memoryview | bytes] = []
    shortened = False
    for number, whole, content in _fields(memoryview(model)):
        parts.append(_field(_GRAPH, _shorter(content, until.encode())) if number == _GRAPH else whole)
        shortened |= number == _GRAPH
    if not shortened:
        raise ValueError("not an ONNX model")
    return b"".join(parts)


def _shorter(graph: memoryview, until: bytes) -> bytes:
    kept: list[memoryview | bytes] = []
    found = False
    for number, whole, content in _fields(graph):
        if number == _NODE and not found:
            kept.append(whole)
            found = any(n == _OUTPUTS_OF_NODE and name == until for n, _, name in _fields(content))
        elif number not in (_NODE, _OUTPUT):
            kept.append(whole)
    if not found:
        raise ValueError(f"no node gives {until.decode()!r}")
    return b"".join([*kept, _field(_OUTPUT, _field(_NAME, until))])


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """The number of every field of a message, the field as it stands, and its content."""
    place = 0
    while place < len(message):
        start = place
        key, place = _varint(message, place)
        kind = key & 7
        if kind == _LENGTH:
            length, place = _varint(message, place)
            end = place + length
        elif kind == _VARINT:
            _, end = _varint(message, place)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            end = place + (8 if kind == _EIGHT_BYTES else 4)
        else:
            raise ValueError("not an ONNX model")
        if end > len(message):
            raise ValueError("not an ONNX model")
        yield key >> 3, message[start:end], message[place:end]
        place = end


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number and where it ends: seven bits a byte, the lowest first."""
    value = shift = 0
    while True:
        if place >= len(message):
            raise ValueError("not an ONNX model")
        byte = message[place]
        value |= (byte & 0x7F) << shift
        shift += 7
        place += 1
        if byte < 0x80:
            return value, place


def _field(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | _LENGTH) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
