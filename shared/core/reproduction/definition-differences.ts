/** The parts of a definition that a model's bytes depend on; what only judges or serves it may change freely. */
const TRAINING_FIELDS = ['task', 'data', 'features', 'trainer', 'evaluation.holdoutDays'] as const;

type Fields = Readonly<Record<string, unknown>>;

const at = (definition: Fields, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Fields | undefined)?.[name], definition);

/** Equal for equal values, whatever the order of their keys. */
const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .join()}}`;
};

/** Names of the fields that training depends on and that differ between two definitions of a model. */
export const definitionDifferences = (then: object, now: object): readonly string[] =>
  TRAINING_FIELDS.filter((path) => canonical(at(then as Fields, path)) !== canonical(at(now as Fields, path)));
