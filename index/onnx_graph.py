"""What an ONNX file holds, read and shortened without the weight of the onnx package.

An ONNX file is a protobuf message (https://protobuf.dev/programming-guides/encoding/): a `ModelProto` whose field 7 is
the graph, in which field 1 repeats the nodes, in an order in which each follows what it needs, field 5 the weights, and
field 12 the outputs (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Tensor = npt.NDArray[np.float32]
Weights = dict[str, Tensor]

_GRAPH = 7
_NODE, _WEIGHT, _OUTPUT = 1, 5, 12
_INPUTS_OF_NODE, _OUTPUTS_OF_NODE, _KIND_OF_NODE = 1, 2, 4
_NAME = 1
_SIZES, _TYPE, _FLOATS, _INTEGERS, _NAME_OF_WEIGHT, _RAW = 1, 2, 4, 5, 8, 9
_TYPES: dict[int, npt.DTypeLike] = {1: "<f4", 2: "u1", 3: "i1"}
_PRODUCT = b"MatMulInteger"
_QUANTIZED = "_quantized"
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


def cut(model: bytes, until: str) -> bytes:
    """A model that ends with the tensor named `until`, its only output, with the weights that it then needs.

    Raises:
        ValueError: no node gives that tensor, or these bytes are no ONNX model.
    """
    return _rewritten(model, lambda graph: _shorter(graph, until.encode()))


def changed(model: bytes, weights: Mapping[str, Tensor]) -> bytes:
    """A model with other values for some of its weights, by name.

    Given to ONNX Runtime beside the model instead, they take a second longer to load, and make it a fifth slower.

    Raises:
        ValueError: these bytes are no ONNX model, or it has no weight of such a name, type and size.
    """
    return _rewritten(model, lambda graph: _with_weights(graph, weights))


def _rewritten(model: bytes, rewrite: Callable[[memoryview], bytes]) -> bytes:
    parts: list[memoryview | bytes] = []
    found = False
    for number, whole, content in _fields(memoryview(model)):
        parts.append(_field(_GRAPH, rewrite(content)) if number == _GRAPH else whole)
        found |= number == _GRAPH
    if not found:
        raise ValueError("not an ONNX model")
    return b"".join(parts)


def float_weights(model: bytes) -> Weights:
    """The weights of a model by name, those in eight bits (`X_quantized`) as the numbers (`X`) that they stand for.

    The matrix of a product bears the name of what the product gives: `/a/b/MatMul_output_0` is called `a.b.weight`.

    Raises:
        ValueError: these bytes are no ONNX model, or it has weights of a type that is not known here.
    """
    graph = _graph(model)
    stored = dict(_weight(content) for number, _, content in _fields(graph) if number == _WEIGHT)
    names = dict(_product(content) for number, _, content in _fields(graph) if number == _NODE and _is_product(content))
    found = {}
    for name, values in stored.items():
        if name.endswith(_QUANTIZED):
            own = name.removesuffix(_QUANTIZED)
            zero = stored[f"{own}_zero_point"].astype(np.float32)
            found[names.get(name, own)] = (values.astype(np.float32) - zero) * stored[f"{own}_scale"]
        elif not name.endswith(("_scale", "_zero_point")):
            found[name] = values.astype(np.float32)
    return found


def _graph(model: bytes) -> memoryview:
    graph = next((content for number, _, content in _fields(memoryview(model)) if number == _GRAPH), None)
    if graph is None:
        raise ValueError("not an ONNX model")
    return graph


def _shorter(graph: memoryview, until: bytes) -> bytes:
    kept: list[memoryview | bytes] = []
    needed: set[bytes] = set()
    found = False
    for number, whole, content in _fields(graph):
        if number == _NODE and not found:
            kept.append(whole)
            for n, _, name in _fields(content):
                if n == _INPUTS_OF_NODE:
                    needed.add(bytes(name))
                found |= n == _OUTPUTS_OF_NODE and name == until
    if not found:
        raise ValueError(f"no node gives {until.decode()!r}")
    for number, whole, content in _fields(graph):
        if number not in (_NODE, _OUTPUT) and (number != _WEIGHT or _name_of_weight(content) in needed):
            kept.append(whole)
    return b"".join([*kept, _field(_OUTPUT, _field(_NAME, until))])


def _with_weights(graph: memoryview, weights: Mapping[str, Tensor]) -> bytes:
    missing = {name.encode(): values.astype("<f4").tobytes() for name, values in weights.items()}
    parts: list[memoryview | bytes] = []
    for number, whole, content in _fields(graph):
        own = missing.get(name := _name_of_weight(content)) if number == _WEIGHT else None
        if own is None:
            parts.append(whole)
            continue
        fields = list(_fields(content))
        if any(n == _RAW and len(values) == len(own) for n, _, values in fields):
            del missing[name]
        parts.append(_field(_WEIGHT, b"".join(_field(_RAW, own) if n == _RAW else field for n, field, _ in fields)))
    if missing:
        raise ValueError(f"no weight of that size is called {min(missing).decode()!r}")
    return b"".join(parts)


def _name_of_weight(message: memoryview) -> bytes:
    return next((bytes(content) for number, _, content in _fields(message) if number == _NAME_OF_WEIGHT), b"")


def _weight(message: memoryview) -> tuple[str, npt.NDArray[Any]]:
    """The name of a `TensorProto` and its values, which stand in it as they are, or as a list where they are few."""
    sizes: list[int] = []
    name, kind = "", 0
    raw: memoryview | None = None
    few: npt.NDArray[Any] | None = None
    for number, _, content in _fields(message):
        if number == _SIZES:
            sizes += _varints(content)
        elif number == _TYPE:
            kind = _varint(content, 0)[0]
        elif number == _NAME_OF_WEIGHT:
            name = bytes(content).decode()
        elif number == _RAW:
            raw = content
        elif number == _FLOATS:
            few = np.frombuffer(content, "<f4")
        elif number == _INTEGERS:
            few = np.array(_varints(content))
    if kind not in _TYPES:
        return name, np.zeros(0)  # indices and sizes: no weights
    values = np.frombuffer(raw, _TYPES[kind]) if raw is not None else few
    if values is None:
        raise ValueError("not an ONNX model")
    return name, values.astype(_TYPES[kind]).reshape(sizes)


def _is_product(node: memoryview) -> bool:
    return any(number == _KIND_OF_NODE and content == _PRODUCT for number, _, content in _fields(node))


def _product(node: memoryview) -> tuple[str, str]:
    """The name of a product's matrix, which is the second of its inputs, and the one that what it gives suggests."""
    inputs = [bytes(content).decode() for number, _, content in _fields(node) if number == _INPUTS_OF_NODE]
    output = next(bytes(content).decode() for number, _, content in _fields(node) if number == _OUTPUTS_OF_NODE)
    return inputs[1], output.partition("/MatMul_output")[0].strip("/").replace("/", ".") + ".weight"


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


def _varints(message: memoryview) -> list[int]:
    """The numbers that follow each other."""
    numbers, place = [], 0
    while place < len(message):
        number, place = _varint(message, place)
        numbers.append(number)
    return numbers


def _field(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | _LENGTH) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
