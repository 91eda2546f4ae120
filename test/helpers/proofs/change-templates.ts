import type { Resource, Template } from '../../infra/synthesise.ts';

type Templates = Readonly<Record<string, Template>>;

/** A copy of templates in which `change` was made to every resource that `select` takes. @throws Error when it takes none. */
export const changeTemplates = (
  templates: Templates,
  select: (logicalId: string, resource: Resource) => boolean,
  change: (properties: Record<string, unknown>) => void,
): Templates => {
  const copy = structuredClone(templates);
  const chosen = Object.values(copy)
    .flatMap(({ Resources }) => Object.entries(Resources))
    .filter(([logicalId, resource]) => select(logicalId, resource));
  if (chosen.length === 0) throw new Error('no resource was chosen to be changed');
  for (const [, { Properties }] of chosen) change(Properties as Record<string, unknown>);
  return copy;
};

/** A state as a test changes it; a field that is not there is the test's mistake. */
interface LooseState {
  Assign: Record<string, unknown>;
  Arguments: { Payload: Record<string, unknown> };
  Catch: [{ Next: string; Assign: Record<string, unknown> }];
  Choices: [{ Next: string; Assign: Record<string, unknown> }];
  [field: string]: unknown;
}

/** A copy in which states of the machine whose name ends so were changed. */
export const changeMachine = (
  templates: Templates,
  machineName: string,
  change: (stateOf: (name: string) => LooseState) => void,
): Templates =>
  changeTemplates(
    templates,
    (_, { Type, Properties }) =>
      Type === 'AWS::StepFunctions::StateMachine' && String(Properties?.StateMachineName).endsWith(machineName),
    (properties) => {
      const definition = JSON.parse(String(properties.DefinitionString)) as { States: Record<string, LooseState> };
      change((name) => {
        const state = definition.States[name];
        if (state === undefined) throw new Error(`${machineName} has no state ${name}`);
        return state;
      });
      properties.DefinitionString = JSON.stringify(definition);
    },
  );
