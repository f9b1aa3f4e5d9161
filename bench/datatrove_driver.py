"""datatrove's own pipeline on the same file: NFKC, text mended by ftfy, addresses masked, near copies (and with them
exact ones) out by MinHash. In its own environment.

python datatrove_driver.py IN.jsonl WORKDIR WORKERS      (reads IN-0.jsonl, IN-1.jsonl ...)
"""

import sys
import unicodedata
from pathlib import Path

from datatrove.data import DocumentsPipeline
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter


class Nfkc(PipelineStep):
    name = "NFKC"

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for document in data:
            document.text = unicodedata.normalize("NFKC", document.text)
            yield document


def main() -> None:
    source, work, n = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
    run(
        work,
        "1",
        n,
        [
            JsonlReader(str(source.parent), glob_pattern=source.stem + "-*.jsonl"),
            Nfkc(),
            FTFYFormatter(),
            PIIFormatter(),
            JsonlWriter(f"{work}/clean", compression=None),
        ],
        n,
    )
    run(
        work,
        "2",
        n,
        [JsonlReader(f"{work}/clean"), MinhashDedupSignature(f"{work}/signatures", config=config, language="ja")],
        n,
    )
    run(work, "3", n, [MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)], 14)
    run(work, "4", 1, [MinhashDedupCluster(f"{work}/buckets", f"{work}/remove", config=config)], 1)
    run(
        work,
        "5",
        n,
        [
            JsonlReader(f"{work}/clean"),
            MinhashDedupFilter(f"{work}/remove"),
            JsonlWriter(f"{work}/out", compression=None),
        ],
        n,
    )


def run(work: str, step: str, workers: int, pipeline: list[PipelineStep], tasks: int) -> None:
    LocalPipelineExecutor(pipeline, tasks=tasks, workers=workers, logging_dir=f"{work}/logs/{step}").run()


if __name__ == "__main__":
    main()
