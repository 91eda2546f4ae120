import { AwsError } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import type { LambdaState } from './lambda-state.ts';
import type { PolicyStatement } from './records.ts';

const renderStatement = (
  state: LambdaState,
  name: string,
  statement: PolicyStatement,
): Readonly<Record<string, unknown>> => {
  const { sid, principal, action, qualifier, sourceArn, sourceAccount } = statement;
  const condition = {
    ...(sourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': sourceArn } }),
    ...(sourceAccount === undefined ? {} : { StringEquals: { 'AWS:SourceAccount': sourceAccount } }),
  };
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: principal.includes('.amazonaws.com') ? { Service: principal } : { AWS: principal },
    Action: action,
    Resource: state.store.functionArn(name, qualifier),
    ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
  };
};

/** The resource policy of a function, or of one of its qualifiers. @throws AwsError ResourceNotFoundException */
export const policyDocument = (state: LambdaState, name: string, qualifier: string | undefined): string => {
  const statements = state.store.getFunction(name).policy.filter((statement) => statement.qualifier === qualifier);
  if (statements.length === 0)
    throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404, {
      Type: 'User',
    });
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'default',
    Statement: statements.map((statement) => renderStatement(state, name, statement)),
  });
};

/** A function's statements as JSON text. A changed policy is another list. */
const rendered = new WeakMap<readonly PolicyStatement[], string>();

/**
 * Every statement of a function and its qualifiers, as JSON text; undefined for a function that has none or does not
 * exist. It is asked for at every invocation.
 */
export const functionPolicy = (state: LambdaState, name: string): string | undefined => {
  const statements = state.store.functions.get(name)?.policy ?? [];
  if (statements.length === 0) return undefined;
  const known = rendered.get(statements);
  if (known !== undefined) return known;
  const Statement = statements.map((statement) => renderStatement(state, name, statement));
  const text = JSON.stringify({ Version: '2012-10-17', Statement });
  rendered.set(statements, text);
  return text;
};

const LARGEST_POLICY_BYTES = 20_480;

const checkLength = (statements: readonly unknown[]): void => {
  const bytes = Buffer.byteLength(JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements }));
  if (bytes <= LARGEST_POLICY_BYTES) return;
  throw new AwsError(
    'PolicyLengthExceededException',
    `The final policy size (${bytes}) is bigger than the limit (${LARGEST_POLICY_BYTES}).`,
    400,
    { Type: 'User' },
  );
};

/** Reads a statement; what it answers adds it, or replaces it when `replace` is set, and gives it as JSON text. */
export const addPermission = (
  state: LambdaState,
  { name, qualifier }: { readonly name: string; readonly qualifier?: string },
  fields: Fields,
  {
    sid = fields.requiredText('StatementId'),
    replace = false,
  }: { readonly sid?: string; readonly replace?: boolean } = {},
): (() => string) => {
  const sourceArn = fields.text('SourceArn');
  const sourceAccount = fields.text('SourceAccount');
  const statement: PolicyStatement = {
    sid,
    action: fields.requiredText('Action'),
    principal: fields.requiredText('Principal'),
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(sourceArn === undefined ? {} : { sourceArn }),
    ...(sourceAccount === undefined ? {} : { sourceAccount }),
  };
  return () => putStatement(state, name, statement, replace);
};

const putStatement = (state: LambdaState, name: string, statement: PolicyStatement, replace: boolean): string => {
  const { sid } = statement;
  const current = state.store.getFunction(name);
  if (!replace && current.policy.some((one) => one.sid === sid)) {
    throw new AwsError(
      'ResourceConflictException',
      `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      409,
      { Type: 'User' },
    );
  }
  const policy = [...current.policy.filter((one) => one.sid !== sid), statement];
  checkLength(policy.map((one) => renderStatement(state, name, one)));
  state.store.functions.put(name, { ...current, policy });
  return JSON.stringify(renderStatement(state, name, statement));
};

export const removePermission = (state: LambdaState, name: string, sid: string): void => {
  const current = state.store.getFunction(name);
  if (!current.policy.some((one) => one.sid === sid)) {
    throw new AwsError('ResourceNotFoundException', `Statement ${sid} is not found in resource policy.`, 404, {
      Type: 'User',
    });
  }
  state.store.functions.put(name, { ...current, policy: current.policy.filter((one) => one.sid !== sid) });
};
