"""The record of a run: what was found, read and written, so that it can be told later how a submission was made."""

import hashlib
import json

from automl.competition.nouns import Outputs, Wishes
from automl.competition.prepare import prepare
from automl.competition.write_record import FORMAT, KIND, write_record
from automl.registry import discover_quietly
from tests.competitions import binary, write


def test_it_names_each_file_by_its_content_and_each_guess_by_its_reason(tmp_path):
    paths = write(tmp_path, binary(sample=0.5))
    prepared = prepare(tuple(paths), Wishes(), discover_quietly(()), lambda line: None)
    wishes = Wishes(groups="soil", blend=(paths[2],))
    outputs = Outputs.beside(tmp_path / "s.csv")
    for place in (outputs.submission, outputs.out_of_fold, outputs.test_predictions):
        place.write_text(place.name)
    write_record(prepared, wishes, outputs, {"score": 0.5})
    record = json.loads(outputs.record.read_text())
    assert (record["kind"], record["format"], record["score"]) == (KIND, FORMAT, 0.5)
    assert record["read"]["train"]["sha256"] == hashlib.sha256(paths[0].read_bytes()).hexdigest()
    assert record["written_files"]["submission"] == {
        "name": "s.csv", "bytes": 5, "sha256": hashlib.sha256(b"s.csv").hexdigest()
    }  # fmt: skip
    assert [each["name"] for each in record["blended_files"]] == ["sample.csv"]
    assert (record["positive"], record["groups"]) == ("1", "soil")
    assert record["columns"]["features"] == ["light", "soil"]
    assert set(record["found"]) == {guess.what for guess in prepared.guesses}
    assert all(each["reason"] for each in record["found"].values())
