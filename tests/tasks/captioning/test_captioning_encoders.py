"""Encoders: annotations by hand, what a folder keeps, and files that cannot be used."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from attnbench.corpora.captions.pictures import decoded, fitted
from attnbench.corpora.captions.words import words
from attnbench.errors import BadInput
from attnbench.tasks.captioning.encoders import Encoder, opened
from attnbench.tasks.captioning.networks import VGG, vgg_layers, vgg_weights
from attnbench.tasks.captioning.settings import CaptioningData
from attnbench.zoo.layered_network import LayeredNetwork

Described = dict[str, Any]


def conv(name: str, read: str, channels: int, **more: Any) -> Described:
    usual = {"kernel": 1, "stride": 1, "groups": 1, "padding": "same", "act": None}
    return {"op": "conv", "name": name, "input": read, "out_channels": channels, **usual, **more}


LAYERS = [
    conv("mixed", "input", 2, act="relu6"),
    conv("halved", "mixed", 2, stride=2, groups=2),
    {"op": "global_avg_pool", "name": "pool", "input": "halved"},
    conv("classes", "pool", 5),
]
ARRAYS = {
    "mixed.weight": np.array([[1, 0, 0], [0, 1, -1]], np.float32).reshape(2, 3, 1, 1),
    "mixed.bias": np.array([0, 0.5], np.float32),
    "halved.weight": np.array([2, 10], np.float32).reshape(2, 1, 1, 1),
    "halved.bias": np.array([0, -1], np.float32),
}


def written(folder: Path, *, arrays: Any = ARRAYS, **changes: Any) -> CaptioningData:
    """Write a network and return settings that name it, for pictures of 8 x 8."""
    model = {"input": "RGB, x/100 - 0.5, any size", "layers": LAYERS, **changes}
    (folder / "layers.json").write_text(json.dumps({"models": {"tiny": model}}), encoding="utf-8")
    np.savez(folder / "tiny.npz", **arrays)
    return CaptioningData(encoder=str(folder / "tiny.npz"), side=8)


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)


def mixed(seen: np.ndarray) -> np.ndarray:
    """What the first layer gives for colours that were made ready: (8, 8, 2)."""
    both = np.stack([seen[..., 0], seen[..., 1] - seen[..., 2] + 0.5], axis=-1)
    return np.clip(both, 0, 6)


def test_annotations_are_the_last_layer_with_places_row_by_row(tmp_path: Path) -> None:
    encoder = opened(written(tmp_path))
    assert (encoder.grid, encoder.size, encoder.side) == ((4, 4), 2, 8)
    want = mixed(picture() / 100 - 0.5)[::2, ::2] * [2, 10] + [0, -1]
    found = encoder.annotate([picture(1), picture()])
    assert found.dtype == np.float16
    assert found.shape == (2, 16, 2)
    np.testing.assert_allclose(found[1], want.reshape(16, 2), rtol=2e-3, atol=1e-3)


def test_a_layer_and_cells_that_are_averaged_can_be_named(tmp_path: Path) -> None:
    encoder = opened(replace(written(tmp_path), layer="mixed", pool=2))
    want = mixed(picture() / 100 - 0.5).reshape(4, 2, 4, 2, 2).mean(axis=(1, 3)).reshape(16, 2)
    np.testing.assert_allclose(encoder.annotate([picture()])[0], want, rtol=2e-3, atol=1e-3)
    assert [layer.name for layer in encoder.network.layers] == ["mixed"]


def test_colours_may_be_wanted_the_other_way_round(tmp_path: Path) -> None:
    encoder = opened(replace(written(tmp_path, input="BGR, 0..255 minus (10,20.5,30), 8x8"), layer="mixed"))
    want = mixed(picture()[..., ::-1] - np.array([10, 20.5, 30])).reshape(64, 2)
    np.testing.assert_allclose(encoder.annotate([picture()])[0], want, rtol=2e-3, atol=1e-3)


def test_pictures_in_many_batches_are_as_one_by_one(tmp_path: Path) -> None:
    encoder, pictures = opened(written(tmp_path)), [picture(seed) for seed in range(37)]
    found = encoder.annotate(pictures)
    assert (found == np.concatenate([encoder.annotate([one]) for one in pictures])).all()
    assert encoder.annotate([]).shape == (0, 16, 2)


def test_a_folder_keeps_all_of_it(tmp_path: Path) -> None:
    encoder = opened(replace(written(tmp_path), layer="mixed", pool=2))
    (tmp_path / "kept").mkdir()
    encoder.save(tmp_path / "kept")
    loaded = Encoder.load(tmp_path / "kept")
    assert (loaded.grid, loaded.side, loaded.identity) == (encoder.grid, 8, encoder.identity)
    assert (loaded.annotate([picture()]) == encoder.annotate([picture()])).all()


def test_identity_is_of_all_that_decides_annotations(tmp_path: Path) -> None:
    usual = written(tmp_path)
    changed = [replace(usual, layer="mixed"), replace(usual, side=16), replace(usual, pool=2)]
    names = [opened(one).identity for one in (usual, *changed)]
    names.append(opened(written(tmp_path, input="RGB, x/100 - 1")).identity)
    names.append(opened(written(tmp_path, arrays={**ARRAYS, "halved.bias": np.zeros(2)})).identity)
    assert len(set(names)) == 6
    assert opened(written(tmp_path)).identity == names[0]


def test_weights_stay_as_they_are(tmp_path: Path) -> None:
    assert not any(one.requires_grad for one in opened(written(tmp_path)).network.parameters())


def filled(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def pickled(folder: Path) -> None:
    np.savez(folder / "tiny.npz", **{**ARRAYS, "mixed.bias": np.array([{}, 1], object)})


def single(folder: Path) -> None:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    (folder / "tiny.npz").write_bytes(file.getvalue())


BROKEN: dict[str, tuple[dict[str, Any], Callable[[Path], object] | None, str]] = {
    "no json": ({}, lambda folder: (folder / "layers.json").unlink(), "layers.json cannot be read"),
    "broken json": ({}, filled("layers.json", b"{"), "layers.json cannot be used: "),
    "a list": ({}, filled("layers.json", b"[]"), "layers.json cannot be used: it is no object"),
    "another model": ({}, filled("layers.json", b'{"models": {"big": {}}}'), "has no model tiny, only big"),
    "no layers": ({"layers": {}}, None, "its model tiny has no list of layers"),
    "no layer": ({"layers": [3]}, None, "a layer needs a name, unlike 3"),
    "colours": ({"input": "HSV"}, None, "its input is 'HSV'; write `RGB, x/A - B`"),
    "no division": ({"input": "RGB, x/0 - 1"}, None, "its input is 'RGB, x/0 - 1'; write"),
    "order": ({"layers": LAYERS[::-1]}, None, "layer classes reads pool, which is no layer ahead of it"),
    "no file": ({}, lambda folder: (folder / "tiny.npz").unlink(), "tiny.npz cannot be read: No such file"),
    "no archive": ({}, filled("tiny.npz", b"PK\x03\x04"), "tiny.npz cannot be used: "),
    "text": ({}, filled("tiny.npz", b"weights"), "tiny.npz cannot be used: it is no archive of arrays"),
    "nothing": ({}, filled("tiny.npz", b""), "tiny.npz cannot be used: it is no archive of arrays"),
    "pickled": ({}, pickled, "tiny.npz cannot be used: Object arrays cannot be loaded"),
    "one array": ({}, single, "tiny.npz cannot be used: it is no archive of arrays"),
    "no array": ({"arrays": {"mixed.weight": ARRAYS["mixed.weight"]}}, None, "it has no array mixed.bias"),
    "shape": ({"arrays": {**ARRAYS, "halved.weight": np.zeros((2, 2, 1, 1))}}, None,
              "halved.weight is 2 x 2 x 1 x 1, where the layer needs 2 x 1 x 1 x 1"),
    "a slip": ({"layers": [conv("mixed", "input", 10_001)]}, None, "must be a number from 1 to 10000"),
    "too large to be true": ({"layers": [conv("mixed", "input", 10_000, kernel=10_000)]}, None,
                             "where the layer needs 10000 x 3 x 10000 x 10000"),
    "beyond 32 bits": ({"arrays": {**ARRAYS, "mixed.bias": np.array([1e300, 0])}}, None, "of 32 bits"),
    "words": ({"arrays": {**ARRAYS, "mixed.bias": np.array(["a", "b"])}}, None, "bias holds what is no"),
    "not a number": ({"arrays": {**ARRAYS, "mixed.bias": np.array([np.nan, 0])}}, None, "holds what is no"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_used_is_said_in_a_line(tmp_path: Path, case: str) -> None:
    changes, spoil, message = BROKEN[case]
    settings = written(tmp_path, **changes)
    if spoil:
        spoil(tmp_path)
    with pytest.raises(BadInput) as caught:
        opened(settings)
    assert message in str(caught.value)
    assert "name a file NAME.npz of arrays" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layer": "both"}, r"has no layer 'both'; set data.layer to one of: mixed, halved, pool, classes$"),
        ({"pool": 3}, r"data.pool=3 does not divide the encoder's 4 x 4 places$"),
        ({"encoder": ""}, r"set data.encoder: name a file NAME.npz"),
        ({"encoder": "."}, r"data.encoder: \. is no NAME\.npz; name a file"),
        ({"encoder": "~nobody-of-this-name/x.npz"}, r"no such home folder is known here"),
        ({"encoder": "torchvision:vgg16"}, r"'torchvision:vgg16'; did you mean 'torchvision:vgg19'\?"),
    ],
)
def test_settings_that_do_not_fit_are_said_in_a_line(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        opened(replace(written(tmp_path), **changes))


def test_a_home_folder_may_be_named_in_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    whole = written(tmp_path)
    assert opened(replace(whole, encoder="~/tiny.npz")).identity == opened(whole).identity


def test_large_pictures_are_fewer_at_a_time(tmp_path: Path) -> None:
    sides = {8: 16, 224: 16, 225: 15, 448: 4, 2048: 1}
    small = opened(written(tmp_path))
    assert {side: replace(small, side=side).together for side in sides} == sides


def test_pictures_smaller_than_a_filter_are_refused(tmp_path: Path) -> None:
    arrays = {"wide.weight": np.zeros((1, 3, 9, 9)), "wide.bias": np.zeros(1)}
    layers = [conv("wide", "input", 1, kernel=9, padding="valid")]
    with pytest.raises(BadInput, match=r"cannot see a picture of 8 x 8; raise data\.side"):
        opened(written(tmp_path, layers=layers, arrays=arrays))


def test_numbers_too_large_for_sixteen_bits_are_refused(tmp_path: Path) -> None:
    arrays = {**ARRAYS, "halved.bias": np.array([0, 1e5])}
    with pytest.raises(BadInput, match="layer halved of the encoder gives numbers that 16 bits cannot hold"):
        opened(written(tmp_path, arrays=arrays)).annotate([picture()])


class Weights:
    """What stands for torchvision's weights: zeros, but for the biases of the last convolution."""

    asked: ClassVar[Described] = {}

    def get_state_dict(self, **asked: Any) -> dict[str, torch.Tensor]:
        self.asked.update(asked)
        held: dict[str, torch.Tensor] = {"classifier.0.bias": torch.zeros(1)}
        with torch.device("meta"):
            layers = LayeredNetwork(vgg_layers()).named().values()
        for place, layer in zip(sorted(self.places()), layers, strict=True):
            held[f"features.{place}.weight"] = torch.zeros(1).expand(layer.weight.shape)
            held[f"features.{place}.bias"] = torch.full(layer.bias.shape, place / 16)
        return held

    @staticmethod
    def places() -> set[int]:
        """Where torchvision has convolutions; a ReLU follows each, a max-pool 2, 2, 4, 4 and 4 of them."""
        found, place = set(), 0
        for count in (2, 2, 4, 4, 4):
            found |= {place + 2 * one for one in range(count)}
            place += 2 * count + 1
        return found


def test_torchvisions_network_is_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    models = SimpleNamespace(VGG19_Weights=SimpleNamespace(IMAGENET1K_V1=Weights()))
    monkeypatch.setitem(sys.modules, "torchvision", SimpleNamespace(models=models))
    monkeypatch.setitem(sys.modules, "torchvision.models", models)
    encoder = opened(CaptioningData(encoder=VGG))
    assert (encoder.grid, encoder.size) == ((14, 14), 512)
    assert encoder.network.layers[-1].name == "conv5_4"
    assert Weights.asked == {"check_hash": True, "weights_only": True}  # nothing loads a pickle
    with torch.inference_mode():
        assert (encoder.network(torch.zeros(1, 3, 32, 32)) == 34 / 16).all()
    red = torch.tensor([255, 0, 0]).view(1, 3)
    seen = encoder.colours.of(red.to(torch.uint8).view(1, 1, 1, 3).numpy()).flatten()
    np.testing.assert_allclose(seen, [(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225], rtol=1e-5)


def test_without_torchvision_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    monkeypatch.delitem(sys.modules, "torchvision.models", raising=False)
    with pytest.raises(BadInput, match=r"pip install 'attnbench\[vision\]'$"):
        opened(CaptioningData(encoder=VGG))


def test_torchvisions_own_layers_agree() -> None:
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    theirs, ours = models.vgg19(weights=None).features[:36].eval(), LayeredNetwork(vgg_layers())
    for layer, (name, weight) in zip(
        ours.named().values(), list(vgg_weights(_prefixed(theirs)).items())[::2], strict=True
    ):
        assert name.endswith(".weight")
        layer.weight.data.copy_(weight)
        torch.nn.init.zeros_(layer.bias)
    pictures = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(ours(pictures), theirs(pictures))


def _prefixed(theirs: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {f"features.{name}": value for name, value in theirs.state_dict().items()}


@pytest.mark.skipif(
    "ATTNBENCH_DATA" not in os.environ, reason="set ATTNBENCH_DATA to a folder with captions/"
)
class TestReal:
    """Networks that were trained on ImageNet, where there are some."""

    folder = Path(os.environ.get("ATTNBENCH_DATA", ".")) / "captions" / "encoder"

    @pytest.mark.parametrize(
        ("name", "layer", "grid", "size"),
        [
            ("mobilenet_v1_1.0_trunk", "", (7, 7), 1024),
            ("mobilenet_v1_1.0_trunk", "Conv2d_11_pointwise", (14, 14), 512),
            ("mobilenet_v2_1.0", "expanded_conv_12/add", (14, 14), 96),
            ("mobilenet_v2_1.0", "expanded_conv_13/expand", (14, 14), 576),
            ("mobilenet_v2_1.0", "", (7, 7), 1280),
            ("squeezenet_v1.1_trunk", "", (13, 13), 512),
        ],
    )
    def test_maps_are_of_the_sizes_that_their_description_says(
        self, name: str, layer: str, grid: tuple[int, int], size: int
    ) -> None:
        encoder = opened(CaptioningData(encoder=str(self.folder / f"{name}.npz"), layer=layer))
        assert (encoder.grid, encoder.size) == (grid, size)
        described = json.loads((self.folder / "layers.json").read_text())["models"][name]
        said = described["maps_at_224"].get(encoder.network.layers[-1].name)
        assert said == f"{grid[0]}x{grid[1]}x{size}"

    def test_dogs_are_seen_in_photos_of_dogs(self) -> None:
        """Of such photos about three in four have a breed of dog among the five likeliest classes."""
        path = str(self.folder / "mobilenet_v2_1.0.npz")
        encoder = opened(CaptioningData(encoder=path, layer="Conv2d_1c_1x1"))
        labels = (self.folder / "imagenet_labels.txt").read_text(encoding="utf-8").splitlines()
        breeds = range(labels.index("Chihuahua"), labels.index("Mexican hairless") + 1)
        shares = []
        for noun in ("dog", "bike"):
            classes = encoder.annotate(self.photos(noun, 40))[:, 0].argsort(axis=1)[:, -5:]
            shares.append(np.isin(classes, breeds).any(axis=1).mean())
        assert 0.65 <= shares[0] <= 0.9
        assert shares[1] < 0.25

    def photos(self, noun: str, count: int) -> list[np.ndarray]:
        """The first photos for validation of which at least four of five captions have a noun."""
        folder, found = self.folder.parent / "flickr8k", []
        with tarfile.open(folder / "images_112.tar") as tar:
            for line in (folder / "captions.jsonl").read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                if row["split"] == "dev" and sum(noun in words(one) for one in row["captions"]) >= 4:
                    file = tar.extractfile(row["file"])
                    assert file is not None
                    found.append(fitted(decoded(file.read()), 224, "squeeze")[0])
                if len(found) == count:
                    break
        return found
