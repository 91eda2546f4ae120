import { type Assemblies, type GivenBuild, prepareAssemblies } from '../../chaos/prepare-assemblies.ts';
import { SCENARIO_NAMES } from '../../chaos/scenarios.ts';
import { makeToyRows } from '../../chaos/toy-rows.ts';
import { type Mutation, type MutationResult, tryMutation } from './mutate.ts';
import {
  assemblyGrants,
  type DrillStage,
  grantKey,
  playScene,
  type SceneResult,
  type StackGrant,
} from './play-scene.ts';
import { reportUsage, type UsageReport } from './report.ts';
import { SCENES } from './scenes.ts';

/** Every path of the platform walked once, with the policies of its template and nothing else. */
export interface Drill {
  readonly report: UsageReport;
  /** Removes permissions one after the other; those that are exempt have nothing that could miss them. */
  mutate(
    which: (grant: StackGrant) => boolean,
    onResult: (result: MutationResult, done: number, of: number) => void,
  ): Promise<readonly MutationResult[]>;
  close(): Promise<void>;
}

interface Standing {
  readonly grant: StackGrant;
  readonly assemblyFolder: string;
}

/** The permissions of all assemblies, each once. */
const collectGrants = ({ byModels }: Assemblies): ReadonlyMap<string, Standing> => {
  const standing = new Map<string, Standing>();
  for (const assemblyFolder of Object.values(byModels)) {
    for (const grant of assemblyGrants(assemblyFolder)) {
      const key = grantKey(grant);
      if (!standing.has(key)) standing.set(key, { grant, assemblyFolder });
    }
  }
  return standing;
};

const mutationsOf = (report: UsageReport, assemblies: Assemblies): readonly Mutation[] =>
  report.grants.flatMap(({ grant, neededIn, exemption }) => {
    if (exemption !== undefined) return [];
    // One that no scene needs is tried all the same: that it is not found is the finding.
    const scene = neededIn ?? Object.keys(SCENES)[0] ?? '';
    const models = SCENES[scene]?.models;
    const assemblyFolder = models && assemblies.byModels[models];
    return assemblyFolder === undefined ? [] : [{ grant, scene, assemblyFolder }];
  });

/**
 * Plays every scene on the complete template.
 * @param onScene told of each scene that is over
 */
export const runDrill = async (
  onScene: (name: string, result: SceneResult) => void,
  given: GivenBuild = {},
): Promise<Drill> => {
  const assemblies = await prepareAssemblies(SCENARIO_NAMES, { ...given, also: ['exact'] });
  const rows = await makeToyRows();
  const stage: DrillStage = { assemblies: assemblies.byModels, revisedAssemblyFolder: assemblies.revised, rows };
  const results = new Map<string, SceneResult>();
  for (const name of Object.keys(SCENES)) {
    const result = await playScene(stage, name);
    results.set(name, result);
    onScene(name, result);
  }
  const grants = [...collectGrants(assemblies).values()].map(({ grant }) => grant);
  const report = reportUsage(grants, results);
  return {
    report,
    async mutate(which, onResult) {
      const mutations = mutationsOf(report, assemblies).filter(({ grant }) => which(grant));
      const tried: MutationResult[] = [];
      for (const mutation of mutations) {
        const result = await tryMutation(stage, mutation);
        tried.push(result);
        onResult(result, tried.length, mutations.length);
      }
      return tried;
    },
    close: () => assemblies.remove(),
  };
};
