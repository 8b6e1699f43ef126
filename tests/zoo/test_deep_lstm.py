from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import reference
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from translating import END, SOURCES, TARGETS, Pad, nats, scores

from attnbench.decoding import beam_search, parents, rows
from attnbench.errors import BadInput
from attnbench.settings import SearchSettings
from attnbench.zoo.deep_lstm import DeepLSTM, State, reverse_words
from attnbench.zoo.padded import Padded
from reproductions.bahdanau2015.settings import BahdanauModel
from reproductions.bahdanau2015.systems import sutskever2014

Draw = Callable[[nn.Module, int], None]
Make = Callable[..., DeepLSTM]


@pytest.fixture
def make(draw: Draw) -> Make:
    def make(seed: int = 0, reverse: bool = True, dtype: torch.dtype = torch.float64) -> DeepLSTM:
        """Return a tiny model; no two of its sizes are equal."""
        model = DeepLSTM(source=9, target=7, embedding=3, hidden=4, layers=2, reverse=reverse)
        draw(model, seed)
        return model.to(dtype)

    return make


def test_words_are_reversed_and_the_end_symbol_and_padding_stay() -> None:
    tokens = torch.tensor([[3, 4, 5, 1], [6, 1, 9, 9], [1, 9, 9, 9], [9, 8, 7, 6]])
    mask = torch.arange(4) < torch.tensor([4, 2, 1, 0])[:, None]
    expected = [[5, 4, 3, 1], [6, 1, 9, 9], [1, 9, 9, 9], [9, 8, 7, 6]]
    assert reverse_words(Padded(tokens, mask)).tolist() == expected


@pytest.mark.parametrize("reverse", [True, False])
def test_logits_equal_the_equations(reverse: bool, make: Make, pad: Pad) -> None:
    model = make(reverse=reverse)
    assert not model.attends
    assert model.decode(model.encode(pad(SOURCES)), pad(TARGETS)[0]).alignment is None
    logits = scores(model, pad, SOURCES, TARGETS)
    for ours, source, target in zip(logits, SOURCES, TARGETS, strict=True):
        expected, _ = reference.deep_forced(model, source, target)
        torch.testing.assert_close(ours, expected, atol=1e-12, rtol=0)


def test_loss_and_all_gradients_equal_the_equations(make: Make, pad: Pad) -> None:
    model = make(seed=1)
    loss = nats(model, pad)
    pairs = zip(SOURCES, TARGETS, strict=True)
    literal = torch.stack([reference.loss(model, s, t, reference.deep_forced) for s, t in pairs]).sum()
    assert loss.item() == pytest.approx(literal.item(), abs=1e-9)
    leaves = list(model.parameters())
    gradients = zip(torch.autograd.grad(loss, leaves), torch.autograd.grad(literal, leaves), strict=True)
    for (name, _), (one, other) in zip(model.named_parameters(), gradients, strict=True):
        assert other.abs().max() > 1e-6, name
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9, msg=lambda m, name=name: f"{name}: {m}")


def test_chosen_positions_are_read_out_as_all_are(make: Make, pad: Pad) -> None:
    model = make(seed=2)
    encoded, (targets, real) = model.encode(pad(SOURCES)), pad(TARGETS)
    everywhere = model.decode(encoded, targets).readout
    assert torch.equal(model.decode(encoded, targets, real).readout, everywhere[real])


def test_reversal_equals_reversed_words_fed_forwards(make: Make, pad: Pad) -> None:
    backwards, forwards = make(seed=2), make(seed=2, reverse=False)
    turned = [[*source[-2::-1], END] for source in SOURCES]
    assert turned[0] == [4, 0, 3, 1] and turned[1] == [1]
    one, same = scores(backwards, pad, SOURCES, TARGETS), scores(forwards, pad, turned, TARGETS)
    straight = scores(forwards, pad, SOURCES, TARGETS)
    for ours, theirs in zip(one, same, strict=True):
        assert torch.equal(ours, theirs)
    moved = [(a - b).abs().max().item() for a, b in zip(one, straight, strict=True)]
    assert min(moved[0], moved[2]) > 1e-3
    assert moved[1] == moved[3] == 0.0  # no word and one word read the same


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_step_agrees_with_decode(dtype: torch.dtype, tolerance: float, make: Make, pad: Pad) -> None:
    model = make(seed=3, dtype=dtype)
    encoded, (targets, _) = model.encode(pad(SOURCES)), pad(TARGETS)
    logits = model.logits(model.decode(encoded, targets).readout)
    state, tokens = model.start(encoded), None
    for i in range(targets.shape[1]):
        out, alignment, state = model.step(encoded, state, tokens)
        assert out.shape == (4, 1, 7) and alignment is None
        torch.testing.assert_close(out[:, 0], logits[:, i], atol=tolerance, rtol=0)
        tokens = targets[:, i : i + 1]


def test_hypotheses_keep_their_own_states(make: Make, pad: Pad) -> None:
    """Two words on, after the search has picked sentences and swapped hypotheses."""
    model = make(seed=4)
    encoded = model.encode(pad(SOURCES))
    _, _, state = model.step(encoded, model.start(encoded), None)
    wide = State(*(part.expand(-1, 3, -1, -1) for part in state))
    _, _, wide = model.step(encoded, wide, torch.tensor([[0, 3, 6]]).expand(4, -1))
    kept, swapped = torch.tensor([2, 0]), torch.tensor([[2, 0], [1, 1]])
    wide, fewer = parents(rows(wide, kept), swapped), rows(encoded, kept)
    together, _, _ = model.step(fewer, wide, torch.tensor([[5, 4], [2, 0]]))
    for b, (sentence, starts) in enumerate([(2, [(6, 5), (0, 4)]), (0, [(3, 2), (3, 0)])]):
        for k, words in enumerate(starts):
            expected, _ = reference.deep_forced(model, SOURCES[sentence], [*words, END])
            torch.testing.assert_close(together[b, k], expected[-1], atol=1e-12, rtol=0)


def test_padding_batch_size_and_order_change_nothing(make: Make, pad: Pad) -> None:
    model = make(seed=5)
    together = scores(model, pad, SOURCES, TARGETS)
    turned = scores(model, pad, SOURCES[::-1], TARGETS[::-1])[::-1]
    (sources, mask), (targets, _) = pad(SOURCES), pad(TARGETS)
    wider = model.encode(Padded(F.pad(sources, (0, 3), value=8), F.pad(mask, (0, 3), value=False)))
    padded = model.logits(model.decode(wider, F.pad(targets, (0, 2), value=5)).readout)
    for b, target in enumerate(TARGETS):
        alone = scores(model, pad, [SOURCES[b]], [target])[0]
        for other in (alone, turned[b], padded[b, : len(target)]):
            torch.testing.assert_close(together[b], other, atol=1e-12, rtol=0)


def test_a_source_with_no_word_is_nought(make: Make, pad: Pad) -> None:
    model = make()
    sources, mask = pad(SOURCES)
    mask[1] = False
    encoded = model.encode(Padded(sources, mask))
    assert (encoded.hidden[1] == 0).all() and (encoded.cell[1] == 0).all()
    assert (encoded.hidden[0] != 0).all()
    model.decode(encoded, pad(TARGETS)[0]).readout.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_mixed_precision_stays_near(make: Make, pad: Pad) -> None:
    """bfloat16 has 8 bits of significand: the loss within 1 %, and finite gradients."""
    model = make(seed=6, dtype=torch.float32)
    exact = nats(model, pad)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = nats(model, pad)
    assert mixed.item() == pytest.approx(exact.item(), rel=0.01)
    mixed.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def _search(model: DeepLSTM, pad: Pad, **settings: Any) -> list[Any]:
    tokens, mask = pad(SOURCES)
    chosen = SearchSettings(normalise=False, **settings)
    return beam_search(model, model.encode(Padded(tokens, mask)), 2 * mask.sum(dim=1), chosen, end=END)


def test_a_beam_of_one_is_greedy_and_a_wider_one_finds_no_worse(make: Make, pad: Pad) -> None:
    lengths = set()
    for seed in range(4):
        model = make(seed=seed)
        model.output.weight.data *= 3
        for source, found in zip(SOURCES, _search(model, pad, beam=1), strict=True):
            words, score = reference.greedy(model, source, END, 2 * len(source), reference.deep_forced)
            assert found.tokens == words
            assert found.score == pytest.approx(score, abs=1e-9)
            lengths.add(len(words))
        for source, found in zip(SOURCES, _search(model, pad, beam=3), strict=True):
            target = found.tokens if len(found.tokens) == 2 * len(source) else [*found.tokens, END]
            exact = -float(reference.loss(model, source, target, reference.deep_forced).detach())
            assert found.score == pytest.approx(exact, abs=1e-9)
    assert len(lengths) > 3


def test_one_batch_is_memorised(pad: Pad) -> None:
    torch.manual_seed(0)
    sizes = BahdanauModel(embedding=16, hidden=16, layers=2, initialisation="fan-in")
    model = sutskever2014(sizes, SimpleNamespace(source=range(9), target=range(7)))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(120):
        optimizer.zero_grad()
        nats(model, pad).backward()
        optimizer.step()
    assert nats(model, pad).item() < 0.1


def test_the_paper_s_sizes_give_the_paper_s_weights() -> None:
    """384M, of which 64M in the LSTMs: two sides of four layers, each 4 (1000 x 1000 + 1000 x 1000)."""
    sizes = BahdanauModel(embedding=1000, hidden=1000)
    with torch.device("meta"):
        model = sutskever2014(sizes, SimpleNamespace(source=range(160_000), target=range(80_000)))
    weights = {name: p.numel() for name, p in model.named_parameters() if "bias" not in name}
    recurrent = [size for name, size in weights.items() if name.startswith(("encoder", "decoder"))]
    assert len(recurrent) == 16 and sum(recurrent) == 64_000_000
    assert sum(weights.values()) == 384_000_000


def test_the_paper_draws_everything_uniformly() -> None:
    torch.manual_seed(1)
    model = sutskever2014(
        BahdanauModel(embedding=30, hidden=40), SimpleNamespace(source=range(90), target=range(70))
    )
    assert len(list(model.parameters())) == 4 * 8 + 4
    for name, p in model.named_parameters():
        assert 0.07 < p.abs().max() <= 0.08, name
        assert p.std().item() == pytest.approx(0.16 / 12**0.5, rel=5 * (0.2 / p.numel()) ** 0.5), name


def _deviation(weight: Tensor) -> float:
    return weight.std().item()


def test_fan_in_lets_words_through_all_layers() -> None:
    torch.manual_seed(2)
    sizes = BahdanauModel(embedding=60, hidden=40, layers=3, initialisation="fan-in")
    model = sutskever2014(sizes, SimpleNamespace(source=range(90), target=range(70)))
    for embedding in (model.source_embedding, model.embedding):
        assert _deviation(embedding.weight) == pytest.approx(0.5, rel=0.05)
    assert _deviation(model.output.weight) == pytest.approx(40**-0.5, rel=0.07)
    for lstm in (model.encoder, model.decoder):
        assert lstm.num_layers == 3
        for layer, inputs in enumerate((60, 40, 40)):
            W, U, b, d = (
                getattr(lstm, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            assert _deviation(W) == pytest.approx(2 * inputs**-0.5, rel=0.05)
            assert (b == 0).all() and (d == 0).all()
            for block in U.chunk(4):
                torch.testing.assert_close(block @ block.T, torch.eye(40), atol=1e-5, rtol=0)


def test_layers_must_be_at_least_one() -> None:
    with pytest.raises(BadInput, match=r"model\.layers is 0"):
        BahdanauModel(layers=0)
