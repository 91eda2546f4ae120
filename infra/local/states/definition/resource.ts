import { isSdkService } from '../integrations/api-names.ts';

/** What a Task's Resource names. */
export type TaskResource =
  | { readonly kind: 'lambda-arn'; readonly functionArn: string }
  | {
      readonly kind: 'integration';
      /** As in history events: `lambda`, `aws-sdk:dynamodb`. */
      readonly resourceType: string;
      /** As in history events: `invoke.waitForTaskToken`. */
      readonly resource: string;
      readonly service: string;
      readonly action: string;
      readonly sdk: boolean;
      readonly pattern: IntegrationPattern;
    };

type IntegrationPattern = 'request' | 'sync' | 'sync:2' | 'waitForTaskToken';

type PatternList = readonly IntegrationPattern[];

/** The optimised integrations that run here, with the patterns AWS gives each. */
const OPTIMISED: Readonly<Record<string, Readonly<Record<string, PatternList>>>> = {
  lambda: { invoke: ['request', 'waitForTaskToken'] },
  states: { startExecution: ['request', 'sync', 'sync:2', 'waitForTaskToken'] },
  events: { putEvents: ['request', 'waitForTaskToken'] },
  sns: { publish: ['request', 'waitForTaskToken'] },
  sqs: { sendMessage: ['request', 'waitForTaskToken'] },
  dynamodb: { getItem: ['request'], putItem: ['request'], updateItem: ['request'], deleteItem: ['request'] },
  sagemaker: { createTrainingJob: ['request', 'sync'] },
  batch: { submitJob: ['request', 'sync'] },
};

const LAMBDA_ARN = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9-_]+(:[A-Za-z0-9-_$]+)?$/;
const SDK_ARN = /^arn:aws:states:::aws-sdk:([a-z0-9]+):([a-z][A-Za-z0-9]*)(\.waitForTaskToken)?$/;
const OPTIMISED_ARN = /^arn:aws:states:::([a-z0-9]+):([a-z][A-Za-z0-9]*)(?:\.(sync|sync:2|waitForTaskToken))?$/;

/** Undefined when the ARN names nothing that runs here. */
export const parseResource = (arn: string): TaskResource | undefined => {
  if (LAMBDA_ARN.test(arn)) return { kind: 'lambda-arn', functionArn: arn };
  const sdk = SDK_ARN.exec(arn);
  if (sdk) {
    const [, service = '', action = '', suffix] = sdk;
    if (!isSdkService(service)) return undefined;
    return {
      kind: 'integration',
      resourceType: `aws-sdk:${service}`,
      resource: `${action}${suffix ?? ''}`,
      service,
      action,
      sdk: true,
      pattern: suffix ? 'waitForTaskToken' : 'request',
    };
  }
  const optimised = OPTIMISED_ARN.exec(arn);
  if (!optimised) return undefined;
  const [, service = '', action = '', suffix] = optimised;
  const pattern = (suffix ?? 'request') as IntegrationPattern;
  if (!OPTIMISED[service]?.[action]?.includes(pattern)) return undefined;
  const resource = suffix ? `${action}.${suffix}` : action;
  return { kind: 'integration', resourceType: service, resource, service, action, sdk: false, pattern };
};
