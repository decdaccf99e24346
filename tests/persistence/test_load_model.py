"""Files that were damaged, and files that somebody made to do harm."""

import gc
import hashlib
import io
import json
import pickle
import random
import re
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest

from skfer import make_hog_svm
from skfer.persistence import load_model, read_card, save_model
from skfer.persistence._model_file import FORMAT, LARGEST_FILE, pack

_SECONDS = 1.0
_N_FLIPS, _N_CUTS = 1000, 200


@pytest.fixture(scope="module")
def model_file(tmp_path_factory, faces):
    path = tmp_path_factory.mktemp("model") / "smile.skfer"
    model = make_hog_svm(image_size=24).set_params(svd__n_components=8)
    save_model(model.fit(faces.images, faces.target), path, table=faces)
    load_model(path)  # All modules are imported.
    return path


def sign(content: bytes) -> bytes:
    """Give a changed file the hash that it should have, as an attacker would."""
    return content[:-64] + hashlib.sha256(content[:-64]).hexdigest().encode()


def rewrite(source, target, change=lambda members: members, **options):
    """Write the members of a model file again, changed, with a valid hash."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
        comment = archive.comment
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in change(members).items():
            archive.writestr(name, content, **options)
        archive.comment = comment
    target.write_bytes(sign(target.read_bytes()))
    return target


def assert_refused(path, match):
    # What other tests left in memory takes more than a second to look through.
    gc.disable()
    try:
        begun = time.perf_counter()
        with pytest.raises(ValueError, match=match) as caught:
            load_model(path)
        seconds = time.perf_counter() - begun
    finally:
        gc.enable()
    assert seconds < _SECONDS
    return caught.value


def test_a_bit_that_was_changed_anywhere_is_found(model_file, tmp_path):
    content = model_file.read_bytes()
    draw = random.Random(0)
    damaged = tmp_path / "damaged.skfer"
    for place in (draw.randrange(len(content)) for _ in range(_N_FLIPS)):
        changed = bytearray(content)
        changed[place] ^= 1 << draw.randrange(8)
        damaged.write_bytes(changed)
        with pytest.raises(ValueError, match="changed|is not a whole|has format"):
            load_model(damaged)


def test_a_file_that_was_cut_short_anywhere_is_refused(model_file, tmp_path):
    content = model_file.read_bytes()
    draw = random.Random(0)
    cut = tmp_path / "cut.skfer"
    for place in (draw.randrange(len(content)) for _ in range(_N_CUTS)):
        cut.write_bytes(content[:place])
        assert_refused(cut, "is not a whole model file")


def test_bytes_that_were_added_are_found(model_file, tmp_path):
    longer = tmp_path / "longer.skfer"
    longer.write_bytes(b"\0" + model_file.read_bytes())
    assert_refused(longer, "was changed")
    longer.write_bytes(model_file.read_bytes() + b"\0")
    assert_refused(longer, "not a whole model file")


def test_members_that_were_swapped_are_found(model_file, tmp_path):
    def swap(members):
        arrays = sorted(
            (name for name in members if name.endswith(".npy")),
            key=lambda name: len(members[name]),
        )
        first, second = arrays[-2:]
        members[first], members[second] = members[second], members[first]
        return members

    swapped = rewrite(model_file, tmp_path / "swapped.skfer", swap)
    content = bytearray(swapped.read_bytes())
    content[-64:] = model_file.read_bytes()[-64:]
    swapped.write_bytes(content)
    assert_refused(swapped, "was changed")


@pytest.mark.parametrize(
    "name",
    ["../evil.py", "/etc/passwd", "a/b.npy", "evil.py", "C:\\evil.npy", "1.npy/../x"],
)
def test_members_of_other_names_are_refused(model_file, tmp_path, name):
    added = rewrite(
        model_file, tmp_path / "added.skfer", lambda m: {**m, name: b"print(1)"}
    )
    assert_refused(added, "a model file can't have")
    assert not (tmp_path.parent / "evil.py").exists()


def test_a_member_that_is_there_twice_is_refused(model_file, tmp_path):
    twice = tmp_path / "twice.skfer"
    twice.write_bytes(model_file.read_bytes())
    with (
        zipfile.ZipFile(twice, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("card.json", b"{}")
    twice.write_bytes(sign(twice.read_bytes()))
    assert_refused(twice, "a member twice")


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (open, (str(self.trace), "w"))


def test_a_pickle_is_refused_with_the_way_out(tmp_path):
    trace, path = tmp_path / "ran", tmp_path / "evil.skfer"
    path.write_bytes(pickle.dumps(Evil(trace)))
    assert_refused(path, "is a pickle, .* only if you trust")
    assert not trace.exists()


def test_a_pickle_among_the_arrays_is_not_run(model_file, tmp_path):
    trace = tmp_path / "ran"
    buffer = io.BytesIO()
    np.save(buffer, np.array([Evil(trace)], dtype=object), allow_pickle=True)

    def replace(members):
        name = next(name for name in members if re.fullmatch(r"\d+\.npy", name))
        return {**members, name: buffer.getvalue()}

    evil = rewrite(model_file, tmp_path / "evil.skfer", replace)
    assert_refused(evil, "of shape .* and object")
    assert not trace.exists()


def change_schema(change):
    def apply(members):
        schema = json.loads(members["schema.json"])
        change(schema)
        return {**members, "schema.json": json.dumps(schema).encode()}

    return apply


@pytest.mark.parametrize(
    ("module", "name", "loader"),
    [
        ("os", "system", "FunctionNode"),
        ("subprocess", "Popen", "ObjectNode"),
        ("builtins", "eval", "TypeNode"),
        ("sklearn.feature_extraction.text", "CountVectorizer", "ObjectNode"),
        ("sklearn.datasets", "fetch_openml", "FunctionNode"),
        ("keras.src.models.model", "Model", "ObjectNode"),
        ("tests.persistence.test_load_model", "Evil", "ConstructorFromReduceNode"),
    ],
)
def test_types_that_are_not_on_the_list_are_refused(
    model_file, tmp_path, module, name, loader
):
    node = {
        "__class__": name,
        "__module__": module,
        "__loader__": loader,
        "__id__": 1,
        "content": {"__class__": "str", "__module__": "builtins",
                    "__loader__": "JsonNode", "content": '"true"', "__id__": 2},
    }  # fmt: skip
    evil = rewrite(
        model_file,
        tmp_path / "evil.skfer",
        change_schema(lambda schema: schema["content"]["content"].update(memory=node)),
    )
    assert_refused(evil, f"types that skfer does not trust.*{name}|would not.*{name}")


def find_nodes(schema, kind):
    """Yield all entries of a kind, wherever they are."""
    if isinstance(schema, dict):
        if schema.get("__loader__") == kind:
            yield schema
        schema = list(schema.values())
    if isinstance(schema, list):
        for one in schema:
            yield from find_nodes(one, kind)


def test_names_that_are_trusted_can_not_be_called(model_file, tmp_path):
    """skops lets some kinds of entries call the type that they name."""
    for kind in ("ConstructorFromReduceNode", "MethodNode", "PartialNode", "ListNode"):

        def change(schema, kind=kind):
            node = next(find_nodes(schema, "TupleNode"))
            node.update(
                __loader__=kind, __module__="skfer.neural._network",
                __class__="build_network",
            )  # fmt: skip

        evil = rewrite(model_file, tmp_path / "evil.skfer", change_schema(change))
        assert_refused(evil, f"as save_model would not: it has the entry {kind}")


def test_one_member_for_many_arrays_is_refused(model_file, tmp_path):
    def change(schema):
        nodes = [n for n in find_nodes(schema, "NdArrayNode") if "file" in n]
        for number, node in enumerate(nodes):
            node.update(file=nodes[0]["file"], __id__=10**6 + number)

    evil = rewrite(model_file, tmp_path / "evil.skfer", change_schema(change))
    assert_refused(evil, "several arrays share the member")


def test_entries_that_grow_when_they_are_read_are_refused(model_file, tmp_path):
    """Each level holds the one below twice, the second time by its number only."""

    def change(schema):
        def part(number, content):
            kind = {"__class__": "list", "__module__": "builtins"}
            return {**kind, "__loader__": "ListNode", "__id__": number,
                    "content": content}  # fmt: skip

        node = part(10**6, [])
        for level in range(1, 40):
            node = part(10**6 + level, [node, part(node["__id__"], [])])
        schema["content"]["content"]["memory"] = node

    evil = rewrite(model_file, tmp_path / "evil.skfer", change_schema(change))
    assert_refused(evil, "two entries for one object differ")
    deep = {"__loader__": "ListNode", "__class__": "list", "__module__": "builtins"}
    for _ in range(300):
        deep = {**deep, "content": [deep]}
    evil = rewrite(
        model_file, tmp_path / "deep.skfer",
        change_schema(lambda s: s["content"]["content"].update(memory=deep)),
    )  # fmt: skip
    assert_refused(evil, "too many inside one another|can't be read")


def test_a_schema_without_sense_is_refused(model_file, tmp_path):
    for schema in (b"", b"{", b"[]", b"{}", b"null", b"[" * 10**5, b'{"protocol": 2}'):
        odd = rewrite(
            model_file,
            tmp_path / "odd.skfer",
            lambda m, s=schema: {**m, "schema.json": s},
        )
        assert_refused(odd, "can't be")


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("classes", ["happy", "angry"], "the card .* says classes"),
        ("image_shape", [96, 96, 1], "the card .* says image_shape"),
        ("threshold", 0.9, "the card .* says threshold"),
        ("classes", 5, "the field classes of a model card can't be 5"),
        ("unheard_of", 1, "A model card has the fields"),
    ],
)
def test_a_card_that_lies_is_found(model_file, tmp_path, field, value, match):
    def lie(members):
        card = json.loads(members["card.json"]) | {field: value}
        return {**members, "card.json": json.dumps(card).encode()}

    liar = rewrite(model_file, tmp_path / "liar.skfer", lie)
    assert_refused(liar, f"(?i){match}")


@pytest.mark.parametrize("shape", [(10**12,), (2**63, 2**63), (3,)])
def test_an_array_that_lies_about_its_shape_is_found(model_file, tmp_path, shape):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"shape": shape, "fortran_order": False, "descr": "<f8"}
    )

    def lie(members):
        name = next(name for name in members if re.fullmatch(r"\d+\.npy", name))
        return {**members, name: header.getvalue() + b"\0" * 8}

    liar = rewrite(model_file, tmp_path / "liar.skfer", lie)
    assert_refused(liar, "which would have .* bytes, but it has")


_MEASURE = """
import resource, sys, time
from skfer import make_hog_svm, make_lbp_svm
from skfer.persistence import load_model
load_model(sys.argv[1])
before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
for path in sys.argv[2:]:
    try:
        load_model(path)
    except ValueError as error:
        print(str(error).splitlines()[0])
    else:
        sys.exit(f"{path} was loaded")
seconds = time.perf_counter() - begun
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, seconds)
"""


@pytest.mark.slow
def test_a_bomb_takes_neither_memory_nor_time(model_file, tmp_path):
    zeros = {"1.npy": 10 << 30, "schema.json": 10 << 30}
    paths = []
    for name, size in zeros.items():
        path = tmp_path / f"{len(paths)}.skfer"
        with zipfile.ZipFile(model_file) as archive:
            members = {one: archive.read(one) for one in archive.namelist()}
            comment = archive.comment
        with zipfile.ZipFile(path, "w") as archive:
            for one, content in members.items():
                if one != name:
                    archive.writestr(one, content)
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as file:
                # A tenth of it is written; the directory says the whole.
                for _ in range(10):
                    file.write(bytes(1 << 24))
            info.file_size = size
            archive.comment = comment
        path.write_bytes(sign(path.read_bytes()))
        paths.append(path)
    huge = tmp_path / "huge.skfer"
    with huge.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)  # Takes no space on the disk.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _MEASURE, model_file, *paths, huge],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    *messages, measured = done.stdout.splitlines()
    assert len(messages) == 3 and "at most 4,294,967,296" in messages[-1]
    kilobytes, seconds = map(float, measured.split())
    assert kilobytes < 100_000
    assert seconds < 3 * _SECONDS


def test_a_file_of_a_newer_version_says_so(model_file, tmp_path):
    newer = tmp_path / "newer.skfer"
    content = model_file.read_bytes()
    old, new = (f"skfer model {n} sha".encode() for n in (FORMAT, FORMAT + 1))
    newer.write_bytes(sign(content.replace(old, new)))
    assert_refused(newer, f"has format {FORMAT + 1}, .* Install a newer version")


def test_what_is_no_model_file_is_refused(tmp_path):
    path = tmp_path / "photo.skfer"
    for content in (b"", b"\xff\xd8\xff", b"PK\3\4", b"x" * 1000):
        path.write_bytes(content)
        assert_refused(path, "is not a whole model file of skfer")
    with pytest.raises(ValueError, match="got the folder"):
        read_card(tmp_path)
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "missing.skfer")


def test_what_could_not_be_read_is_not_written():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", b"{}")
        archive.writestr("1.npz", b"sparse")
    with pytest.raises(ValueError, match="something else than numbers"):
        pack(buffer.getvalue(), {"card.json": b"{}", "card.md": b""})
