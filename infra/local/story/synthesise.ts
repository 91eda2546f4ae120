import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const APP = fileURLToPath(new URL('../../aws/app.ts', import.meta.url));

export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/**
 * Synthesises the CDK app for a stage into a folder: the same app and template that `cdk deploy` takes, run without
 * the CLI around it. It runs in a process of its own, since it loads the CDK.
 * @param given `models`: folder of the models, by default the repository's; `bundles`: of functions that were built before.
 * @throws SynthesisError with what the app printed.
 */
export const synthesise = (
  stage: string,
  outputFolder: string,
  given: { readonly models?: string; readonly bundles?: string } = {},
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [APP], {
      env: {
        ...process.env,
        CDK_OUTDIR: outputFolder,
        CDK_CONTEXT_JSON: JSON.stringify({ stage, ...given }),
        // The security rules are checked by `cdk synth` and the tests; here they would only cost seconds.
        CDK_VALIDATION: 'false',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) return resolve();
      const printed = Buffer.concat(output).toString('utf8').trim();
      reject(new SynthesisError(`the CDK app ended with ${code}:\n${printed}`));
    });
  });
