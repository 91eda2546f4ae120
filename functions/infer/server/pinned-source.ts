import { MODEL_FILE } from '../../../shared/contracts/artifacts.ts';
import { NotFoundError, UnavailableError } from '../../../shared/kernel/errors.ts';
import type { ModelSource } from '../../../shared/ports/model-source.ts';
import type { Pins } from '../load-served-model.ts';
import { fetchPackage, type PackageDeps, readManifest } from './package-files.ts';

const SHOWN_CHARACTERS = 20;

/** One model in the version that a rollout pinned, as a published version of the function serves it. */
export const createPinnedSource = (deps: PackageDeps, only: string, pins: Pins | undefined): ModelSource => {
  let sizeBytes: number | undefined;
  return {
    describe: async (model, version) => {
      if (model !== only) throw new NotFoundError(`model ${model.slice(0, SHOWN_CHARACTERS)} is not served here`);
      if (pins === undefined) throw new UnavailableError(`no version of ${only} is in service yet`);
      if (version !== undefined && version !== String(pins.version)) {
        const asked = version.slice(0, SHOWN_CHARACTERS);
        throw new NotFoundError(`version ${asked} of ${only} is not in service; version ${pins.version} is`);
      }
      // What is pinned does not change.
      sizeBytes ??= (await readManifest(deps, pins)).files[MODEL_FILE]?.sizeBytes ?? 0;
      const key = `${model}@${pins.version}:${pins.modelDigest}`;
      return { model, version: String(pins.version), key, sizeBytes, mustAnswer: true };
    },
    fetch: ({ model }) => {
      if (pins === undefined) throw new UnavailableError(`no version of ${only} is in service yet`);
      return fetchPackage(deps, model, pins);
    },
  };
};
