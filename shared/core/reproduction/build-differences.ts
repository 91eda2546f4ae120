interface Build {
  readonly functions: Readonly<Record<string, string>>;
  readonly lockfile: string;
  readonly packages: Readonly<Record<string, string>>;
}

interface Surroundings {
  readonly build: Build;
  readonly runtime: { readonly node: string; readonly architecture: string };
}

const changed = (
  what: string,
  then: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
  names: readonly string[],
): readonly string[] =>
  names
    .filter((name) => then[name] !== now[name])
    .map((name) => `${what} ${name}: was ${then[name] ?? 'absent'}, is ${now[name] ?? 'absent'}`);

/**
 * What differs between the surroundings that made a model and those that make it again, a sentence each. The lockfile
 * is named only beside something else: by itself it changes with tools that no model depends on.
 * @param functions those whose code the model's bytes depend on.
 */
export const buildDifferences = (
  then: Surroundings,
  now: Surroundings,
  functions: readonly string[],
): readonly string[] => {
  const packages = [...new Set([...Object.keys(then.build.packages), ...Object.keys(now.build.packages)])].sort();
  const found = [
    ...changed('code of', then.build.functions, now.build.functions, functions),
    ...changed('package', then.build.packages, now.build.packages, packages),
    ...changed('runtime', then.runtime, now.runtime, ['node', 'architecture']),
  ];
  if (found.length === 0) return [];
  return [
    ...found,
    ...changed('file', { lockfile: then.build.lockfile }, { lockfile: now.build.lockfile }, ['lockfile']),
  ];
};
