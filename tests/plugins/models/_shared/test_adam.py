"""The steps are those of torch's own optimizer, to the last bit, without what that imports."""

import subprocess
import sys

import pytest

from automl_builtins.models._shared.adam import AdamW

torch = pytest.importorskip("torch")
SHAPES, STEPS, BETAS = ((6, 4), (4,), (1, 4), (1,), (5, 3)), 30, (0.9, 0.95)


def tensors():
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(*shape, generator=generator).requires_grad_() for shape in SHAPES]


def test_tensors_of_other_rates_and_decays_move_as_by_torchs_own():
    ours, theirs, generator = tensors(), tensors(), torch.Generator().manual_seed(2)
    groups = [{"params": [each], "lr": 0.03 / (1 + i), "weight_decay": 0.1 * (i % 2)} for i, each in enumerate(theirs)]
    reference, optimizer = torch.optim.AdamW(groups, betas=BETAS, foreach=True), AdamW(torch, ours, BETAS)
    for step in range(STEPS):
        for place, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            right.grad = None if place == 2 and step % 3 == 0 else torch.randn(right.shape, generator=generator)
            left.grad = None if right.grad is None else right.grad.clone()
        reference.step()
        optimizer.step([group["lr"] for group in groups], [group["weight_decay"] for group in groups])
        assert all(torch.equal(left, right) for left, right in zip(ours, theirs, strict=True))
    optimizer.clear()
    assert all(each.grad is None for each in ours)


def test_it_imports_no_compiler():
    code = (
        "import sys, torch\nfrom automl_builtins.models._shared.adam import AdamW\n"
        "value = torch.ones(3, requires_grad=True)\noptimizer = AdamW(torch, [value])\n"
        "value.sum().backward()\noptimizer.step([0.1], [0.0])\n"
        "print(float(value.detach().sum()) < 3.0, 'torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["True", "False"], done.stderr
