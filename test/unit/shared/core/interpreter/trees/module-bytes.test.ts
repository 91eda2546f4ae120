import { expect, it } from 'vitest';
import { buildMaskModule } from '../../../../../../shared/core/interpreter/trees/mask-module.ts';
import { MASK_MODULE, TREE_MODULE } from '../../../../../../shared/core/interpreter/trees/module-bytes.ts';
import { buildTreeModule } from '../../../../../../shared/core/interpreter/trees/tree-module.ts';
import { decodeModule } from '../../../../../../shared/core/interpreter/wasm/decode-module.ts';

it.each([
  ['TREE_MODULE', TREE_MODULE, buildTreeModule()],
  ['MASK_MODULE', MASK_MODULE, buildMaskModule()],
])('%s is what is built; the difference shows what belongs there', (_, kept, built) => {
  expect(kept).toBe(Buffer.from(built).toString('base64'));
  expect(decodeModule(kept)).toEqual(built);
});
