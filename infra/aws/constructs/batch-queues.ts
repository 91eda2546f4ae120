import { CfnComputeEnvironment, CfnJobQueue } from 'aws-cdk-lib/aws-batch';
import { type IVpc, SecurityGroup, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { CfnInstanceProfile, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';
import { publicVpc } from './public-vpc.ts';

export interface BatchNeeds {
  readonly gpu: boolean;
  readonly spot: boolean;
}

/** vCPUs that all jobs of one queue may use at the same time. */
const MAX_VCPUS = 64;
const GPU_INSTANCES = ['g4dn', 'g5', 'g6'];
const CPU_INSTANCES = ['c7i', 'm7i', 'r7i', 'c6i', 'm6i', 'r6i'];

/**
 * Batch queues with nothing running while no job waits: GPU or CPU, spot or on demand, each made when a model first
 * needs it. Instances stand in public subnets with public addresses and no way in: a NAT gateway would bill by the
 * hour; S3 and DynamoDB are reached by gateway endpoints, which cost nothing.
 */
export class BatchQueues extends Construct {
  private readonly stage: StageConfig;
  private readonly vpc: Vpc;
  private readonly securityGroup: SecurityGroup;
  private readonly instanceProfile: CfnInstanceProfile;
  private readonly queues = new Map<string, string>();

  constructor(scope: Construct, id: string, stage: StageConfig) {
    super(scope, id);
    this.stage = stage;
    this.vpc = publicVpc(this, 'Vpc');
    this.securityGroup = new SecurityGroup(this, 'NoInbound', {
      vpc: this.vpc as IVpc,
      description: 'Training jobs: no way in',
      allowAllOutbound: true,
    });
    const instanceRole = new Role(this, 'InstanceRole', {
      description: 'Batch container instances',
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonEC2ContainerServiceforEC2Role')],
    });
    this.instanceProfile = new CfnInstanceProfile(this, 'InstanceProfile', { roles: [instanceRole.roleName] });
  }

  /** The queue for jobs with these needs. */
  queueArn(needs: BatchNeeds): string {
    const id = `${needs.gpu ? 'Gpu' : 'Cpu'}${needs.spot ? 'Spot' : 'OnDemand'}`;
    const existing = this.queues.get(id);
    if (existing !== undefined) return existing;
    const environment = new CfnComputeEnvironment(this, `${id}Environment`, {
      type: 'MANAGED',
      state: 'ENABLED',
      // Changes of instance types then replace instances in place instead of the environment.
      replaceComputeEnvironment: false,
      computeResources: {
        type: needs.spot ? 'SPOT' : 'EC2',
        allocationStrategy: needs.spot ? 'SPOT_PRICE_CAPACITY_OPTIMIZED' : 'BEST_FIT_PROGRESSIVE',
        minvCpus: 0,
        maxvCpus: MAX_VCPUS,
        instanceTypes: needs.gpu ? GPU_INSTANCES : CPU_INSTANCES,
        ec2Configuration: [{ imageType: needs.gpu ? 'ECS_AL2023_NVIDIA' : 'ECS_AL2023' }],
        instanceRole: this.instanceProfile.attrArn,
        securityGroupIds: [this.securityGroup.securityGroupId],
        subnets: this.vpc.publicSubnets.map((subnet) => subnet.subnetId),
      },
    });
    const queue = new CfnJobQueue(this, `${id}Queue`, {
      jobQueueName: `millrace-${this.stage.name}-${needs.gpu ? 'gpu' : 'cpu'}-${needs.spot ? 'spot' : 'on-demand'}`,
      priority: 1,
      state: 'ENABLED',
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: environment.attrComputeEnvironmentArn }],
    });
    this.queues.set(id, queue.attrJobQueueArn);
    return queue.attrJobQueueArn;
  }
}
