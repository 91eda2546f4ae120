import { decodeModule } from '../wasm/decode-module.ts';
import type { WasmModule, WebAssemblyApi } from '../wasm/web-assembly.ts';
import { TREE_MODULE } from './module-bytes.ts';

let compiled: WasmModule | undefined;

/** What reads and walks trees: one module for all models, what differs stands in their memories. */
export const compiledTrees = (api: WebAssemblyApi): WasmModule => {
  compiled ??= new api.Module(decodeModule(TREE_MODULE));
  return compiled;
};
