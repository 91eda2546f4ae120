import { AwsError } from '../contracts.ts';
import { chosenName } from './physical-names.ts';
import type { StackState, StandingResource } from './stack-state.ts';

type Named = Pick<StandingResource, 'type' | 'properties'>;

interface Place {
  readonly stackName: string;
  readonly logicalId: string;
}

/** Which resource has which of the names that templates chose, in all stacks and among what they left behind. */
export interface NameBook {
  /** Takes the resource's name, if it chose one. @throws AwsError AlreadyExists, as CloudFormation words it. */
  take(place: Place, resource: Named): void;
}

export const createNameBook = (state: StackState): NameBook => {
  const owners = new Map<string, Place>();
  const keyOf = ({ type, properties }: Named): string | undefined => {
    const name = chosenName(type, properties);
    return name === undefined ? undefined : `${type} ${name}`;
  };
  const note = (place: Place, resource: Named): void => {
    const key = keyOf(resource);
    if (key !== undefined) owners.set(key, place);
  };
  for (const { resource, ...place } of state.allResources()) note(place, resource);
  for (const resource of state.retained())
    note({ ...resource, logicalId: `${resource.logicalId}, retained` }, resource);
  return {
    take: (place, resource) => {
      const key = keyOf(resource);
      const owner = key === undefined ? undefined : owners.get(key);
      if (owner !== undefined && (owner.stackName !== place.stackName || owner.logicalId !== place.logicalId)) {
        const [name] = chosenName(resource.type, resource.properties)?.split('|') ?? [];
        throw new AwsError(
          'AlreadyExists',
          `Resource of type '${resource.type}' with identifier '${name}' already exists. (${owner.stackName}/${owner.logicalId})`,
        );
      }
      note(place, resource);
    },
  };
};
