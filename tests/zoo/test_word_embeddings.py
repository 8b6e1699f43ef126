from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attnbench.zoo.annotations import Annotations
from attnbench.zoo.padded import Padded
from attnbench.zoo.word_embeddings import BoundedEmbedding, Sorted, WordEmbeddings

WORDS = torch.tensor([[3, 1, 3], [0, 4, 1]])


def test_vectors_start_with_norms_of_about_1() -> None:
    torch.manual_seed(0)
    embedding = BoundedEmbedding(2000, 50)
    assert embedding.weight.std().item() == pytest.approx(50**-0.5, rel=0.02)
    assert embedding.weight.norm(dim=1).mean().item() == pytest.approx(1, rel=0.01)


def test_in_training_the_vectors_that_are_read_are_shortened_as_torch_does() -> None:
    torch.manual_seed(0)
    embedding = BoundedEmbedding(6, 4, max_norm=1.0)
    embedding.weight.data *= 5
    embedding.weight.data[1] *= 0.01
    before = embedding.weight.detach().clone()
    expected = torch.embedding_renorm_(before.clone(), WORDS, 1.0, 2.0)
    made = embedding(WORDS)
    torch.testing.assert_close(embedding.weight.detach(), expected, atol=1e-6, rtol=0)
    assert torch.equal(made, embedding.weight[WORDS])
    changed = (embedding.weight != before).any(dim=1).tolist()
    assert changed == [True, False, False, True, True, False], "word 1 is short, 2 and 5 are not read"
    assert embedding.weight.norm(dim=1)[[0, 3, 4]].tolist() == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(("bound", "training"), [(1.0, False), (0.0, True)])
def test_else_no_vector_changes(bound: float, training: bool) -> None:
    embedding = BoundedEmbedding(6, 4, max_norm=bound).train(training)
    embedding.weight.data *= 5
    before = embedding.weight.detach().clone()
    assert torch.equal(embedding(WORDS), before[WORDS]) and torch.equal(embedding.weight, before)


def test_a_bound_lets_gradients_through() -> None:
    embedding = BoundedEmbedding(6, 4, max_norm=0.5)
    embedding(WORDS).sum().backward()
    assert embedding.weight.grad is not None
    assert embedding.weight.grad[:, 0].tolist() == [1, 2, 0, 2, 1, 0]


def test_annotations_are_the_vectors_of_the_words() -> None:
    encoder = WordEmbeddings(6, 4)
    mask = torch.tensor([[True, True, False], [True, True, True]])
    states, kept, summary = encoder(Padded(WORDS, mask))
    assert torch.equal(states[mask], encoder.embedding.weight[WORDS[mask]]) and torch.equal(kept, mask)
    assert not states[~mask].any() and summary.tolist() == [[0] * 4] * 2


def test_words_are_sorted_with_the_real_ones_first() -> None:
    class Kept(torch.nn.Module):
        annotation = 4

        def forward(self, inputs: Padded) -> Annotations:
            return Annotations(inputs.values, inputs.mask, torch.zeros(2, 4))

    mask = torch.tensor([[True, True, False, False], [True, True, True, True]])
    words = torch.tensor([[7, 3, 0, -5], [2, 9, 2, 1]])
    encoder = Sorted(Kept())
    values, kept, _ = encoder(Padded(words, mask))
    assert encoder.annotation == 4 and torch.equal(kept, mask)
    found: list[Tensor] = [row[real] for row, real in zip(values, kept, strict=True)]
    assert [row.tolist() for row in found] == [[3, 7], [1, 2, 2, 9]]
