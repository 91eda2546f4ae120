import type { DeployedResource, DeployedStage } from './deployed-stage.ts';

/** What roles may do, with wildcards taken at their widest. */

interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
  readonly Resource?: string | readonly string[];
  readonly NotResource?: unknown;
}

interface Document {
  readonly Statement: readonly Statement[];
}

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Two patterns with `*` and `?` have a text in common: walks both, and remembers the pairs of places it has been at. */
export const overlaps = (a: string, b: string): boolean => {
  const places = new Set(['0,0']);
  for (const place of places) {
    const [i = 0, j = 0] = place.split(',').map(Number);
    if (i === a.length && j === b.length) return true;
    for (const next of stepsFrom(a, i, b, j)) places.add(next);
  }
  return false;
};

const stepsFrom = (a: string, i: number, b: string, j: number): readonly string[] => {
  const [x, y] = [a[i], b[j]];
  // A star ends here, or takes one character of the other.
  if (x === '*') return [`${i + 1},${j}`, ...(y === undefined ? [] : [`${i},${j + 1}`])];
  if (y === '*') return [`${i},${j + 1}`, ...(x === undefined ? [] : [`${i + 1},${j}`])];
  if (x === undefined || y === undefined) return [];
  return x === y || x === '?' || y === '?' ? [`${i + 1},${j + 1}`] : [];
};

const grants = (statement: Statement, action: string, resource: string): boolean => {
  if (statement.Effect !== 'Allow') return false;
  const actions = statement.NotAction === undefined ? listOf(statement.Action) : ['*'];
  const resources = statement.NotResource === undefined ? listOf(statement.Resource) : ['*'];
  return (
    actions.some((pattern) => overlaps(pattern.toLowerCase(), action.toLowerCase())) &&
    resources.some((pattern) => overlaps(pattern, resource))
  );
};

const inlineDocuments = ({ properties }: DeployedResource): readonly Document[] =>
  listOf(properties.Policies as readonly { PolicyDocument: Document }[] | undefined).map((one) => one.PolicyDocument);

/** Policies of their own that name the role. */
const attachedDocuments = (stage: DeployedStage, role: DeployedResource): readonly Document[] =>
  ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'].flatMap((type) =>
    stage.ofType(type).flatMap(({ properties }) => {
      const names = [...listOf(properties.Roles as readonly string[] | undefined), properties.RoleName];
      return names.includes(role.ref) ? [properties.PolicyDocument as Document] : [];
    }),
  );

/** Logical ids of the roles that may do the action to something that the resource pattern covers. */
export const rolesThatMay = (stage: DeployedStage, action: string, resource: string): readonly string[] =>
  stage
    .ofType('AWS::IAM::Role')
    .filter((role) =>
      [...inlineDocuments(role), ...attachedDocuments(stage, role)]
        .flatMap(({ Statement: statements }) => statements)
        .some((statement) => grants(statement, action, resource)),
    )
    .map(({ logicalId }) => logicalId)
    .toSorted();

/** Managed policies of AWS that roles carry, whose statements are not in the template. */
export const managedPoliciesOf = (stage: DeployedStage): readonly string[] =>
  stage
    .ofType('AWS::IAM::Role')
    .flatMap(({ logicalId, properties }) =>
      listOf(properties.ManagedPolicyArns as readonly string[] | undefined).map((one) => `${logicalId} ${one}`),
    );
