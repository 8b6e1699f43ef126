"""The trunk of scenes: what a cell sees, what folding keeps, and its loss cell by cell."""

from __future__ import annotations

import math

import pytest
import torch

from attnbench.zoo.scene_trunk import SceneTrunk, Seen, loss


@pytest.fixture
def trunk() -> SceneTrunk:
    torch.manual_seed(0)
    made = SceneTrunk([3, 2], channels=8)
    for norm in made.norms:
        torch.nn.init.normal_(norm.bias)
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    return made.eval()


def test_a_cell_sees_sixty_two_pixels_with_its_own_in_the_middle(trunk: SceneTrunk) -> None:
    pictures = torch.randn(1, 3, 128, 128, requires_grad=True)
    maps = trunk.shared(pictures)
    assert maps.shape == (1, 8, 16, 16)
    maps[0, :, 7, 8].sum().backward()
    assert pictures.grad is not None
    rows, columns = (pictures.grad[0].abs().sum(dim=0).sum(dim=other).nonzero() for other in (1, 0))
    assert (rows.min(), rows.max()) == (7 * 8 - 19, 8 * 8 - 1 + 19)
    assert (columns.min(), columns.max()) == (8 * 8 - 19, 9 * 8 - 1 + 19)


def test_folding_keeps_what_the_heads_see(trunk: SceneTrunk) -> None:
    pictures = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(
        trunk.folded(0.5)(pictures), 0.5 * trunk.shared(pictures), atol=1e-5, rtol=1e-4
    )
    assert (trunk.shared(pictures) > 0).any()


def test_heads_see_every_cell(trunk: SceneTrunk) -> None:
    seen = trunk(torch.randn(2, 3, 64, 64))
    assert seen.something.shape == (2, 8, 8)
    assert [part.shape for part in seen.attributes] == [(2, 3, 8, 8), (2, 2, 8, 8)]


def test_loss_is_of_something_everywhere_and_of_attributes_where_it_is() -> None:
    seen = Seen(torch.tensor([[[2.0, -1.0]]]), (torch.tensor([[[[1.0, 5.0]], [[0.0, 5.0]], [[3.0, 5.0]]]]),))
    labels = torch.tensor([[[[2, -1]]]])  # a picture, an attribute, two cells of a row
    there = math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-1))
    value = math.log(math.exp(1) + 1 + math.exp(3)) - 3
    assert loss(seen, labels).item() == pytest.approx((there + value) / 2, abs=1e-6)
