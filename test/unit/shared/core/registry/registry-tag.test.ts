import { describe, expect, it } from 'vitest';
import { isPrompt, requireRegistryTag, requireRegistryTagKey } from '../../../../../shared/core/registry/index.ts';

describe('a tag of the registry', () => {
  it.each(['a', 'mlflow.prompt.text', 'a/b c:d-e_f.g', 'größe', 'a..b', 'k'.repeat(250)])(
    'may have the key %s',
    (key) => {
      expect(() => requireRegistryTag(key, 'x'.repeat(100_000))).not.toThrow();
    },
  );

  it.each(['/a', 'a/', 'a//b', './a', 'a/../b', '..', '.', 'a#b', 'a"b', 'k'.repeat(251)])(
    'may not have the key %s',
    (key) => {
      expect(() => requireRegistryTagKey(key)).toThrow(expect.objectContaining({ name: 'InvalidRequestError' }));
    },
  );

  it('may not be longer than 100,000 characters', () => {
    expect(() => requireRegistryTag('k', 'x'.repeat(100_001))).toThrow(
      "'value' exceeds the maximum length of 100000 characters",
    );
  });

  it('makes a prompt of what it is on', () => {
    expect([{ 'mlflow.prompt.is_prompt': 'True' }, { 'mlflow.prompt.is_prompt': 'false' }, {}].map(isPrompt)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
