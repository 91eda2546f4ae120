/** As much of https://webassembly.github.io/spec/js-api/ as is used: neither ECMAScript's nor Node's types have it. */

/** Compiled code, which only `Instance` looks into. */
export type WasmModule = object;

export interface WebAssemblyApi {
  /** Does the machine know what the code is made of? */
  readonly validate: (bytes: Uint8Array<ArrayBuffer>) => boolean;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Memory: new (pages: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** Undefined where the machine has none, or was told to do without (`--jitless`). */
export const webAssembly = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
