"""A vector type for numba: 64 bytes of floats that an instruction or two work on together.

LLVM's own vectoriser takes half the width on many processors and gives up on loops that write to several
arrays. A kernel that says ``Lanes`` gets them; where the machine's vectors are narrower, LLVM splits them.
They exist inside compiled functions only. Arrays are flat and ``at`` counts their elements.

    load(array, at)   load_some(array, at, count)          the rest of the lanes are 0
    store(array, at, lanes)   store_some(array, at, count, lanes)
    fill(array, number)   everywhere(array, at)            one number, or one element, in every lane
    width(array)                                           how many lanes there are
    + - * /   smaller(left, right)   total(lanes)          a quotient must not have an infinite divisor
    doubled(lanes, times)                                  lanes 2^n, n the low bits of ``times``

Numba's cache of compiled kernels looks at the kernel's own file: after a change here, touch that file too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic, models, overload, register_model

BYTES = 64
FUSED = ("contract", "nsz")
"""A product may fuse with a sum."""
ESTIMATED = (*FUSED, "arcp", "ninf")
"""A quotient may be an estimate, refined to about the last bit."""


class Lanes(types.Type):
    """As many floats of one type as 64 bytes hold: 16 of float32, 8 of float64."""

    def __init__(self, element: Any) -> None:
        """Take the type of an array's elements."""
        self.element = element
        self.count = 8 * BYTES // element.bitwidth
        super().__init__(f"Lanes({element} x {self.count})")

    @property
    def llvm(self) -> ir.VectorType:
        """The type in LLVM."""
        return ir.VectorType(ir.FloatType() if self.element == types.float32 else ir.DoubleType(), self.count)

    @property
    def suffix(self) -> str:
        """What ends the name of an LLVM function of these lanes."""
        return f"v{self.count}f{self.element.bitwidth}"

    @property
    def align(self) -> int:
        """Bytes of one element: all that addresses are aligned to."""
        return int(self.element.bitwidth) // 8


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, lanes.llvm)


def _pointer(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Return where the vector begins: the first two arguments are an array and the element's number."""
    array = signature.args[0]
    data = context.make_array(array)(context, builder, arguments[0]).data
    return builder.bitcast(builder.gep(data, [arguments[1]]), Lanes(array.dtype).llvm.as_pointer())


def _splat(builder: Any, number: Any, count: int) -> Any:
    """Return a vector with one number in every lane."""
    vector = ir.VectorType(number.type, count)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), number, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


def _below(builder: Any, count: Any, lanes: Lanes) -> Any:
    """Return a mask of the lanes before the count-th."""
    places = ir.Constant(ir.VectorType(count.type, lanes.count), list(range(lanes.count)))
    return builder.icmp_signed("<", places, _splat(builder, count, lanes.count))


def _call(builder: Any, name: str, result: Any, arguments: list[Any], fast: tuple[str, ...] = ()) -> Any:
    declared = ir.FunctionType(result, [argument.type for argument in arguments])
    function = get_or_insert_function(builder.module, declared, name)
    return builder.call(function, arguments, fastmath=fast)


@intrinsic
def width(typing: Any, array: Any) -> Any:
    """Return how many elements of the array fill the lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant(types.intp, Lanes(array.dtype).count)

    return types.intp(array), generate


@intrinsic
def load(typing: Any, array: Any, at: Any) -> Any:
    """Return the lanes that begin at an element."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(context, builder, signature, arguments), align=lanes.align)

    return lanes(array, types.intp), generate


@intrinsic
def store(typing: Any, array: Any, at: Any, lanes: Lanes) -> Any:
    """Write the lanes from an element on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature, arguments)
        builder.store(arguments[2], pointer, align=lanes.align)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic
def load_some(typing: Any, array: Any, at: Any, count: Any) -> Any:
    """Return the first ``count`` lanes that begin at an element, zeros after them; any count from 0."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature, arguments)
        zeros = ir.Constant(lanes.llvm, [0.0] * lanes.count)
        mask = _below(builder, arguments[2], lanes)
        name = f"llvm.masked.load.{lanes.suffix}.p0"
        return _call(builder, name, lanes.llvm, [pointer, ir.IntType(32)(lanes.align), mask, zeros])

    return lanes(array, types.intp, types.intp), generate


@intrinsic
def store_some(typing: Any, array: Any, at: Any, count: Any, lanes: Lanes) -> Any:
    """Write the first ``count`` lanes from an element on; any count from 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature, arguments)
        mask = _below(builder, arguments[2], lanes)
        name = f"llvm.masked.store.{lanes.suffix}.p0"
        _call(builder, name, ir.VoidType(), [arguments[3], pointer, ir.IntType(32)(lanes.align), mask])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, lanes), generate


@intrinsic
def fill(typing: Any, array: Any, number: Any) -> Any:
    """Return a number in every lane; the array only tells the type."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _splat(builder, arguments[1], lanes.count)

    return lanes(array, array.dtype), generate


@intrinsic
def everywhere(typing: Any, array: Any, at: Any) -> Any:
    """Return one element in every lane."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(array)(context, builder, arguments[0]).data
        return _splat(builder, builder.load(builder.gep(data, [arguments[1]])), lanes.count)

    return lanes(array, types.intp), generate


@intrinsic
def smaller(typing: Any, left: Lanes, right: Lanes) -> Any:
    """Return the smaller of two, lane by lane, and ``left`` where it is no number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        one, other = arguments
        return builder.select(builder.fcmp_ordered("<", other, one), other, one)

    return left(left, right), generate


@intrinsic
def doubled(typing: Any, lanes: Lanes, times: Lanes) -> Any:
    """Return lanes 2^n, ``times`` being n + 1.5 2^m, m the bits of a significand: its low bits are n."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = lanes.element.bitwidth
        integers = ir.VectorType(ir.IntType(bits), lanes.count)
        whole, n = (builder.bitcast(argument, integers) for argument in arguments)
        place = ir.Constant(integers, [23 if bits == 32 else 52] * lanes.count)
        return builder.bitcast(builder.add(whole, builder.shl(n, place)), lanes.llvm)

    return lanes(lanes, times), generate


@intrinsic
def total(typing: Any, lanes: Lanes) -> Any:
    """Return the sum of all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        element = lanes.llvm.element
        name = f"llvm.vector.reduce.fadd.{lanes.suffix}"
        return _call(builder, name, element, [element(0.0), arguments[0]], ("reassoc", "nsz"))

    return lanes.element(lanes), generate


def _operator(operation: Callable[..., Any], instruction: str, fast: tuple[str, ...]) -> None:
    """Let an operator of Python stand for an instruction between lanes of one type."""

    @intrinsic
    def compute(typing: Any, left: Lanes, right: Lanes) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, instruction)(*arguments, flags=fast)

        return left(left, right), generate

    @overload(operation, strict=False)
    def typed(left: Any, right: Any) -> Any:
        if isinstance(left, Lanes) and left == right:
            return lambda left, right: compute(left, right)
        return None


for _operation, _instruction, _fast in (
    (operator.add, "fadd", FUSED),
    (operator.iadd, "fadd", FUSED),
    (operator.sub, "fsub", FUSED),
    (operator.mul, "fmul", FUSED),
    (operator.truediv, "fdiv", ESTIMATED),
):
    _operator(_operation, _instruction, _fast)
