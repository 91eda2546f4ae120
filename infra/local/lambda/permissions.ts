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

/** Adds a statement, or replaces it when `replace` is set. @returns the statement as JSON text. */
export const addPermission = (
  state: LambdaState,
  { name, qualifier }: { readonly name: string; readonly qualifier?: string },
  fields: Fields,
  {
    sid = fields.requiredText('StatementId'),
    replace = false,
  }: { readonly sid?: string; readonly replace?: boolean } = {},
): string => {
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
  const current = state.store.getFunction(name);
  if (!replace && current.policy.some((one) => one.sid === sid)) {
    throw new AwsError(
      'ResourceConflictException',
      `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      409,
      { Type: 'User' },
    );
  }
  const others = current.policy.filter((one) => one.sid !== sid);
  state.store.functions.put(name, { ...current, policy: [...others, statement] });
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
