import { listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import { joinArtifactPath } from '../../shared/core/artifacts/index.ts';
import type { ArtifactEntry } from '../../shared/ports/tracking-artifacts.ts';

/** Entries as MLflow's `FileInfo`s. @param directory what stands before each name; '' for names alone. */
export const encodeFiles = (entries: readonly ArtifactEntry[], directory = ''): object =>
  listed(
    'files',
    entries.map(({ name, isDirectory, sizeBytes }) => ({
      path: joinArtifactPath(directory, name),
      is_dir: isDirectory,
      ...(sizeBytes === undefined ? {} : { file_size: sizeBytes }),
    })),
  );
