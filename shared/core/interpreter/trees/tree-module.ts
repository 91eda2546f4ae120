import { buildModule } from '../wasm/module-builder.ts';
import { flattenFunction } from './flatten-function.ts';
import { listFunctions } from './list-functions.ts';
import { walkFunctions } from './walk-functions.ts';

/** What reads trees and walks down them: one module, which is compiled once. */
export const buildTreeModule = (): Uint8Array<ArrayBuffer> =>
  buildModule([...walkFunctions(), ...listFunctions(), flattenFunction()]);
