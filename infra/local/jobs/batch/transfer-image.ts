import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StateStore } from '../../contracts.ts';
import type { LocalImages } from '../local-images.ts';

/** Amazon's own image, which the platform's job definitions use for a shell and the AWS CLI. */
const TRANSFER_IMAGE = 'public.ecr.aws/amazonlinux/amazonlinux:2023';

/**
 * Lets the very commands of the job definitions run here: the machine's own shell stands for the image, with an `aws`
 * that knows S3 copies and a `dnf` that has nothing to install before it on the path.
 */
export const transferImage = (store: StateStore): LocalImages => {
  const folder = join(store.folder, 'batch', 'bin');
  mkdirSync(folder, { recursive: true });
  const cli = fileURLToPath(new URL('./aws-cli.ts', import.meta.url));
  writeFileSync(join(folder, 'aws'), `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'dnf'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const path = process.env.PATH ?? '/usr/bin:/bin';
  return { [TRANSFER_IMAGE]: ['/usr/bin/env', `PATH=${folder}:${path}`] };
};
