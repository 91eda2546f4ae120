import type { Services } from './cloud-services.ts';
import { type AccessControl, AwsError, type CloudPorts, type ServicePrincipal } from './contracts.ts';

/** An execution is started by a role alone: state machines have no policy of their own. */
const requireRole = (access: AccessControl, target: string, from: ServicePrincipal | undefined): string => {
  if (from?.roleArn === undefined) {
    throw new AwsError('AccessDeniedException', `a role is needed to start an execution of ${target}`);
  }
  const { roleArn, service, ...source } = from;
  access.require({ principal: { service, ...source }, action: 'sts:AssumeRole', resource: roleArn });
  return roleArn;
};

/** Service part of an ARN → how it takes a delivery. */
const deliveries = (
  services: Services,
  access: AccessControl,
  startExecution: CloudPorts['startExecution'],
): Readonly<Record<string, CloudPorts['deliver']>> => ({
  lambda: async (functionName, payload, _parameters, principal) => {
    const by = principal === undefined ? {} : { principal };
    await services.lambda.invoke({ functionName, payload, invocationType: 'Event', ...by });
  },
  // Named after its delivery: one that is repeated after a kill finds the execution that it started.
  states: async (stateMachineArn, input, parameters, from) => {
    const roleArn = requireRole(access, stateMachineArn, from);
    const name = parameters?.deliveryId;
    const named = typeof name === 'string' ? { name } : {};
    await startExecution({ stateMachineArn, input, roleArn, ...named }).catch((error: unknown) => {
      if (!(error instanceof AwsError && error.code === 'ExecutionAlreadyExists')) throw error;
    });
  },
  sns: (arn, payload, parameters, from) => services.sns.deliver(arn, payload, parameters, from),
  sqs: (arn, payload, parameters, from) => services.sqs.deliver(arn, payload, parameters, from),
  events: (arn, payload, _parameters, from) => services.events.deliver(arn, payload, from),
  firehose: (arn, payload, _parameters, from) => services.firehose.deliver(arn, payload, from),
  logs: (arn, payload, _parameters, from) => services.logs.deliver(arn, payload, from),
  autoscaling: (policyArn) => services.autoscaling.deliver(policyArn),
});

/** What the services offer each other. */
export const portsOf = (
  services: Services,
  access: AccessControl,
  { call, log }: Pick<CloudPorts, 'call' | 'log'>,
): CloudPorts => {
  const startExecution: CloudPorts['startExecution'] = async ({ roleArn, ...request }) => {
    const answer = await call('states', 'StartExecution', request, roleArn);
    return { executionArn: (answer as { readonly executionArn: string }).executionArn };
  };
  const byService = deliveries(services, access, startExecution);
  return {
    invokeFunction: (request) => services.lambda.invoke(request),
    putEvent: (event) => services.events.putEvent(event),
    putMetric: (metric) => services.monitoring.putMetric(metric),
    putLogLine: (line) => services.logs.putLogLine(line),
    startExecution,
    deliver: async (targetArn, payload, parameters, from) => {
      const service = targetArn.split(':')[2] ?? '';
      const deliver = byService[service];
      if (deliver === undefined) {
        throw new AwsError(
          'UnsupportedTarget',
          `${targetArn} is no target here; targets are ${Object.keys(byService).join(', ')}`,
        );
      }
      await deliver(targetArn, payload, parameters, from);
    },
    call,
    log,
  };
};
