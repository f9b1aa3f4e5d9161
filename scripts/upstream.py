"""Write src/igaku/upstream.json from verified local copies of the benchmark files (maintainers only).

python scripts/upstream.py DATA_FOLDER
"""

import hashlib
import json
import sys
from pathlib import Path

from igaku.benchmarks import TABLE, load_benchmark

PATHS = {
    "igakuqa": lambda rest: rest,
    "medllm_qa": lambda rest: rest,
    "igakuqa119": lambda rest: rest.replace("questions/", "question/").replace(
        "correct_answers", "results/correct_answers"
    ),
    "jmmlu": lambda rest: rest,
    "jmed_llm": lambda rest: rest,
    "sogocheck": lambda rest: rest,
    "yakugakuqa": lambda rest: rest,
}


def main(folder: Path) -> None:
    files = {
        f
        for name in TABLE
        if name not in ("mini", "jmedbench", "nayose_qa", "nayose_instruct")
        for b in [load_benchmark(name)]
        for lang in b.languages
        for f in b.files(lang)
    }
    files |= {f"jmmlu/{s}.csv" for s in load_benchmark("jmmlu").slices}
    out = {}
    for name in sorted(files):
        data = (folder / name).read_bytes()
        top, rest = name.split("/", 1)
        out[name] = [PATHS[top](rest), len(data), hashlib.sha256(data).hexdigest()]
    target = Path(__file__).parents[1] / "src" / "igaku" / "upstream.json"
    target.write_text(json.dumps(out, indent=0) + "\n")
    print(f"{len(out)} files written to {target}")


main(Path(sys.argv[1]))
