import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchModel } from '../bench/serving-model.ts';

/** The inference server as a process of its own, with models in a folder. */

export interface ModelServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Log lines so far. */
  readonly log: readonly string[];
  /** @returns the exit status. */
  stop(): Promise<number | null>;
}

/** A folder of models by name, for the server or any other process to read. */
export const modelFolder = (models: Readonly<Record<string, BenchModel | Uint8Array>>): string => {
  const root = mkdtempSync(join(tmpdir(), 'model-folder-'));
  for (const [name, model] of Object.entries(models)) {
    mkdirSync(join(root, name));
    const bytes = model instanceof Uint8Array ? model : model.bytes;
    writeFileSync(join(root, name, 'model.onnx'), bytes);
    if (!(model instanceof Uint8Array)) {
      writeFileSync(join(root, name, 'signature.json'), JSON.stringify(model.signature));
    }
  }
  return root;
};

/** Further models of the same bytes. */
export const copyModel = (root: string, from: string, names: readonly string[]): void => {
  for (const name of names) cpSync(join(root, from), join(root, name), { recursive: true });
};

const SERVER = join(import.meta.dirname, '../../functions/infer/server/server.ts');

/** Resolves when it is ready. */
export const startModelServer = async (
  folder: string,
  env: Readonly<Record<string, string>> = {},
  entry = SERVER,
): Promise<ModelServer> => {
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env.PATH ?? '', MODEL_FOLDER: folder, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log: string[] = [];
  const ended = once(child, 'exit').then(([status]) => status as number | null);
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(line);
      if (line.includes('server is ready')) resolve((JSON.parse(line) as { readonly port: number }).port);
    });
    ended.then((status) => reject(new Error(`the server ended with ${status}: ${log.join('\n')}`)), reject);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    process: child,
    log,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};

/** A metric's values by their label text, as the server tells them. */
export const readMetric = async (url: string, name: string): Promise<ReadonlyMap<string, number>> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = [...text.matchAll(new RegExp(`^${name}(\\{.*\\})? (.+)$`, 'gm'))];
  return new Map(found.map(([, labels = '', value]) => [labels, Number(value)]));
};
