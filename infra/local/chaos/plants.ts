import type { Revision } from './revise-assembly.ts';

/**
 * Bugs to put into the bundles, so that it can be seen that chaos finds such bugs: `npm run chaos -- --plant NAME`.
 * They change the text of a synthesised bundle; the product has no switch for them.
 */

const NAME = '([\\w$]+)';

/** Replaces the one place that the pattern matches; `@` in it stands for a name that the bundler gave. */
const replacing = (pattern: string, replacement: string): Revision['revise'] => {
  const place = new RegExp(pattern.replaceAll('@', NAME), 'g');
  return (bundle) => {
    const count = [...bundle.matchAll(place)].length;
    if (count !== 1) throw new Error(`${pattern} must match one place of the bundle, matches ${count}`);
    return bundle.replace(place, replacement);
  };
};

export const PLANTS = {
  /** A run that registers again, because its first answer got lost, gets a second version. */
  'drop-condition': {
    bundleHolds: 'is not the manifest of run',
    revise: replacing(
      String.raw`\{Put:\{TableName:@,Item:@,\.\.\.@\}\},\.\.\.@\(\1,\{model:`,
      '{Put:{TableName:$1,Item:$2}},...$4($1,{model:',
    ),
  },
  /** Predictions that Firehose did not take are neither sent again nor counted. */
  'swallow-retry': {
    bundleHolds: 'InferenceFailedError',
    revise: replacing(
      String.raw`@=await @\(@,@,@\);if\(\1\.length>0\)`,
      '$1=await $2($3,$4,$5).catch(()=>[]);if($1.length>0)',
    ),
  },
  /** Traffic moves before the rollout's item says so. */
  'alias-first': {
    bundleHolds: 'has no published version to give traffic to',
    revise: replacing(
      String.raw`(@\.at\(-1\)!==@&&@\.status==="RUNNING"&&await @\.updateRollout\([^;]*;)(let [^;]*;return .*?\}\)),\(!@\|\|@\.kind==="code"\)&&(await @\(@,@,@,@\)),`,
      '$9;$1$6,',
    ),
  },
} as const satisfies Readonly<Record<string, Revision>>;

export type PlantName = keyof typeof PLANTS;
