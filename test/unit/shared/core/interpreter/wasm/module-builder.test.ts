import { describe, expect, it } from 'vitest';
import { buildModule, wasm } from '../../../../../../shared/core/interpreter/wasm/module-builder.ts';
import { webAssembly } from '../../../../../../shared/core/interpreter/wasm/web-assembly.ts';

const run = (bytes: Uint8Array<ArrayBuffer>, memory: object): Readonly<Record<string, (...args: number[]) => void>> => {
  const api = webAssembly!;
  const { exports } = new api.Instance(new api.Module(bytes), { env: { memory } });
  return exports as never;
};

describe('a module written byte by byte', () => {
  it('runs: constants of every length, loads with offsets, loops, calls', () => {
    const memory = new webAssembly!.Memory({ initial: 2 });
    const words = new Int32Array(memory.buffer);
    const constants = [0, 63, 64, -1, -64, -65, 8_191, 8_192, -70_000, 2 ** 31 - 1, -(2 ** 31)];
    const store = constants.flatMap((constant, i) => wasm.i32Store(wasm.get(0), wasm.i32Const(constant), 4 * i));
    const bytes = buildModule([
      { name: 'store', parameterCount: 1, locals: [], body: store },
      {
        name: 'twice',
        parameterCount: 2,
        locals: [],
        body: wasm.doWhile(
          [...wasm.get(0), ...wasm.call(0), ...wasm.set(0, wasm.i32Add(wasm.get(0), wasm.i32Const(70_000)))],
          wasm.i32LtU(wasm.get(0), wasm.get(1)),
        ),
      },
    ]);

    run(bytes, memory).twice!(0, 70_001);

    expect([...words.subarray(0, constants.length)]).toEqual(constants);
    expect([...words.subarray(17_500, 17_500 + constants.length)]).toEqual(constants);
  });
});
