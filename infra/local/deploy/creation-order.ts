import { AwsError } from '../contracts.ts';
import { intrinsicOf } from './intrinsics.ts';
import type { Template, TemplateResource } from './template.ts';

const addReferences = (value: unknown, found: Set<string>): void => {
  if (Array.isArray(value)) {
    for (const item of value) addReferences(item, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const object = value as Readonly<Record<string, unknown>>;
  const intrinsic = intrinsicOf(object);
  if (intrinsic?.name === 'Ref') found.add(String(intrinsic.argument));
  else if (intrinsic?.name === 'Fn::GetAtt') found.add(String([intrinsic.argument].flat()[0]).split('.')[0] ?? '');
  else if (intrinsic?.name === 'Fn::Sub') addSubstitutions(intrinsic.argument, found);
  else for (const item of Object.values(object)) addReferences(item, found);
};

const addSubstitutions = (argument: unknown, found: Set<string>): void => {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  for (const [, body = ''] of String(template).matchAll(/\$\{([^!}][^}]*)\}/g))
    found.add(body.trim().split('.')[0] ?? '');
  addReferences(Object.values(variables as object), found);
};

const dependenciesOf = (resource: TemplateResource): ReadonlySet<string> => {
  const found = new Set<string>([resource.DependsOn ?? []].flat());
  addReferences(resource.Properties ?? {}, found);
  return found;
};

/** Logical ids so that each comes after everything it refers to or depends on; otherwise in the template's order. */
export const creationOrder = (template: Template): readonly string[] => {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    const resource = template.resources[logicalId];
    if (resource === undefined || state.get(logicalId) === 'done') return;
    if (state.get(logicalId) === 'open') {
      throw new AwsError(
        'ValidationError',
        `circular dependency between resources: ${[...path, logicalId].join(' → ')}`,
      );
    }
    state.set(logicalId, 'open');
    for (const dependency of dependenciesOf(resource)) visit(dependency, [...path, logicalId]);
    state.set(logicalId, 'done');
    order.push(logicalId);
  };
  for (const logicalId of Object.keys(template.resources)) visit(logicalId, []);
  return order;
};
