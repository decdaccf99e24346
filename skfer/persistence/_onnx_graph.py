"""Building a graph of ONNX operators, one value after the other."""

from collections.abc import Sequence
from typing import Any

import numpy as np

#: Of the operators; the first whose Resize can smooth as Pillow does.
OPSET = 18
_IR_VERSION = 9


class Graph:
    """Operators and constants, in the order in which they are added.

    Values are named by strings, which methods return and take.
    """

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: dict[str, np.ndarray] = {}
        self._parts: list[Any] = []  # Constants of models that were embedded.
        self._n_values = 0

    def constant(self, value: Any, dtype: Any = None) -> str:
        """Return the name of a constant array."""
        name = self._name("constant")
        self._constants[name] = np.ascontiguousarray(np.asarray(value, dtype=dtype))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator of one output, and return the name of that."""
        from onnx import helper

        name = self._name(operator)
        node = helper.make_node(operator, list(inputs), [name], name, **attributes)
        self._nodes.append(node)
        return name

    def cast(self, value: str, dtype: Any) -> str:
        """Add a conversion to a NumPy dtype."""
        from onnx import helper

        to = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.add("Cast", value, to=to)

    def cut(self, value: str, axis: int, start: int, end: int) -> str:
        """Add a slice along an axis; an end of 0 means the last entry."""
        bounds = ([start], [end or np.iinfo(np.int64).max], [axis])
        return self.add(
            "Slice", value, *(self.constant(one, np.int64) for one in bounds)
        )

    def reshape(self, value: str, shape: Sequence[int]) -> str:
        """Add a change of shape; 0 keeps a side, -1 is what is left."""
        return self.add("Reshape", value, self.constant(shape, np.int64))

    def embed(self, model: bytes, value: str) -> str:
        """Add all operators of a model of one input and one output."""
        import onnx

        whole = onnx.load_model_from_string(model)
        if whole.opset_import[0].version != OPSET:
            whole = onnx.version_converter.convert_version(whole, OPSET)
        prefix = self._name("network")
        inner = onnx.compose.add_prefix_graph(whole.graph, f"{prefix}/")
        self._nodes.append(
            onnx.helper.make_node("Identity", [value], [inner.input[0].name])
        )
        self._nodes += inner.node
        self._parts += inner.initializer
        return inner.output[0].name

    def finish(
        self, inputs: dict[str, Any], outputs: dict[str, Any], facts: dict[str, str]
    ) -> bytes:
        """Return the model as bytes.

        Parameters
        ----------
        inputs, outputs : dict of str to (dtype, shape)
            Names and kinds; sides that are free have names.
        facts : dict of str to str
            To be kept with the model.
        """
        import onnx
        from onnx import helper, numpy_helper

        def describe(values: dict[str, Any]) -> list[Any]:
            return [
                helper.make_tensor_value_info(
                    name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape
                )
                for name, (dtype, shape) in values.items()
            ]

        constants = [
            numpy_helper.from_array(value, name)
            for name, value in self._constants.items()
        ]
        graph = helper.make_graph(
            self._nodes,
            "skfer",
            describe(inputs),
            describe(outputs),
            [*constants, *self._parts],
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=_IR_VERSION,
            producer_name="skfer",
        )
        helper.set_model_props(model, facts)
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString()

    def name_output(self, value: str, name: str) -> None:
        """Give a value the name of an output."""
        from onnx import helper

        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def _name(self, kind: str) -> str:
        self._n_values += 1
        return f"{kind}_{self._n_values}"


def add_fact(model: bytes, name: str, text: str) -> bytes:
    """Return a model that keeps one more text."""
    import onnx

    whole = onnx.load_model_from_string(model)
    whole.metadata_props.add(key=name, value=text)
    return whole.SerializeToString()
