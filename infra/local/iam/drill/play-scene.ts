import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOperator } from '../../chaos/operator.ts';
import { SCENE_BEGINS_MS } from '../../chaos/scenarios.ts';
import { openSession } from '../../chaos/session.ts';
import type { ToyRows } from '../../chaos/toy-rows.ts';
import { createTraffic } from '../../chaos/traffic.ts';
import type { Denial } from '../access-denied.ts';
import type { GrantUse } from '../usage.ts';
import { SCENES } from './scenes.ts';
import { grantUsed, type Template, type TemplateGrant, templateGrants } from './template-grants.ts';

/** One permission of an assembly. */
export interface StackGrant extends TemplateGrant {
  readonly stackName: string;
}

/** How a permission fared in a scene. */
export type GrantState = 'unused' | 'redundant' | 'needed';

export interface SceneResult {
  /** Of every permission in the scene's template. */
  readonly states: ReadonlyMap<string, GrantState>;
  readonly denials: readonly Denial[];
  /** Why the scene ended early; absent when it ran to its end. */
  readonly failure?: string;
}

export interface DrillStage {
  readonly assemblies: Readonly<Record<string, string>>;
  readonly revisedAssemblyFolder: string;
  readonly rows: ToyRows;
}

const SEED = 1;

const readJson = <T>(folder: string, file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;

interface Manifest {
  readonly artifacts: Readonly<
    Record<string, { readonly type: string; readonly properties?: { readonly templateFile?: string } }>
  >;
}

/** Stack → file of its template. */
export const templateFiles = (assemblyFolder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(readJson<Manifest>(assemblyFolder, 'manifest.json').artifacts).flatMap(([name, artifact]) =>
      artifact.type === 'aws:cloudformation:stack' ? [[name, artifact.properties?.templateFile ?? '']] : [],
    ),
  );

export const assemblyGrants = (assemblyFolder: string): readonly StackGrant[] =>
  Object.entries(templateFiles(assemblyFolder)).flatMap(([stackName, file]) =>
    templateGrants(readJson<Template>(assemblyFolder, file)).map((grant) => ({ ...grant, stackName })),
  );

/** The same permission in different assemblies has the same key. */
export const grantKey = ({ stackName, logicalId, policy, statement, action }: StackGrant): string =>
  [stackName, logicalId, policy, statement, action].join(' ');

const stateOf = (uses: readonly GrantUse[]): GrantState => {
  if (uses.length === 0) return 'unused';
  return uses.some(({ needed }) => needed) ? 'needed' : 'redundant';
};

/**
 * Plays one scene on a new cloud.
 * @param stopWhen ends the scene at a denial, for a template that lacks a permission.
 */
export const playScene = async (
  stage: DrillStage,
  name: string,
  options: { readonly assemblyFolder?: string; readonly stopWhen?: (denial: Denial) => boolean } = {},
): Promise<SceneResult> => {
  const scene = SCENES[name];
  if (scene === undefined) throw new RangeError(`no scene ${name}, there are ${Object.keys(SCENES).join(', ')}`);
  const assemblyFolder = options.assemblyFolder ?? stage.assemblies[scene.models] ?? '';
  const { startMs = SCENE_BEGINS_MS, faults } = scene;
  const session = await openSession({ seed: SEED, assemblyFolder, startMs, faults });
  const { usage, physicalId, clock } = session.cloud;
  let failure: string | undefined;
  const ended = new Promise<void>((resolve) => {
    usage.onDenied((denial) => {
      if (options.stopWhen?.(denial) === true) resolve();
    });
    const { rows, revisedAssemblyFolder } = stage;
    const parts = { session, operator: createOperator(session), traffic: createTraffic(session), rows };
    const played = scene.play({ ...parts, revisedAssemblyFolder }).then(() => clock.advanceBy(scene.quietMs));
    played
      .catch((error: unknown) => {
        failure = String(error);
      })
      .finally(resolve);
  });
  await ended;
  const uses = usage.uses();
  const states = assemblyGrants(assemblyFolder).map((grant): readonly [string, GrantState] => {
    const own = uses.filter((use) => grantUsed((id) => physicalId(grant.stackName, id), grant, use));
    return [grantKey(grant), stateOf(own)];
  });
  const denials = [...usage.denials()];
  await session.close();
  return { states: new Map(states), denials, ...(failure === undefined ? {} : { failure }) };
};
