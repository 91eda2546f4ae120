import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { CfnProject } from 'aws-cdk-lib/aws-codebuild';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { assert } from '../../../shared/kernel/assert.ts';
import { arnOf } from '../arns.ts';
import { type Bundles, SERVER_BUNDLE } from '../build.ts';
import type { StageConfig } from '../config.ts';
import { allow, policy } from '../permissions.ts';

const PACKAGE = join(import.meta.dirname, '../../../package.json');
/** Resolved to a digest by the build, which the image then is of. */
const BASE_IMAGE = 'public.ecr.aws/docker/library/node:24-slim';
const UNTAGGED_KEPT_DAYS = 30;

const LIFECYCLE = {
  rules: [
    {
      rulePriority: 1,
      selection: {
        tagStatus: 'untagged',
        countType: 'sinceImagePushed',
        countUnit: 'days',
        countNumber: UNTAGGED_KEPT_DAYS,
      },
      action: { type: 'expire' },
    },
  ],
};

const BUILD = {
  version: '0.2',
  phases: {
    build: {
      commands: [
        'set -eu',
        'aws ecr get-login-password | docker login --username AWS --password-stdin "$(echo "$REPOSITORY_URI" | cut -d/ -f1)"',
        'base=$(docker buildx imagetools inspect "$BASE_IMAGE" --format "{{.Manifest.Digest}}")',
        'docker build --build-arg NODE_IMAGE="$(echo "$BASE_IMAGE" | cut -d: -f1)@$base" --build-arg ONNXRUNTIME_VERSION="$ONNXRUNTIME_VERSION" -t "$REPOSITORY_URI:$SOURCE_HASH" .',
        'docker push -q "$REPOSITORY_URI:$SOURCE_HASH"',
        'docker inspect --format "serverImage: {{index .RepoDigests 0}}" "$REPOSITORY_URI:$SOURCE_HASH"',
      ],
    },
  },
};

const onnxRuntimeVersion = (): string => {
  const { dependencies } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const version = dependencies['onnxruntime-node'];
  assert(version !== undefined, 'package.json pins onnxruntime-node');
  return version;
};

/**
 * The repository of the model server's image, and the CodeBuild project that builds it from this deploy's sources. A
 * deploy builds nothing and costs nothing: somebody starts the project, and puts the digest that it prints into the
 * stage's `serverImage`. The repository is kept when the stack goes: what runs elsewhere may be pulled from it.
 */
export class ServerImage extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { stage, bundles }: { readonly stage: StageConfig; readonly bundles: Bundles },
  ) {
    super(scope, id);
    const repository = new CfnRepository(this, 'Repository', {
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      lifecyclePolicy: {
        lifecyclePolicyText: JSON.stringify(LIFECYCLE),
      },
    });
    repository.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const sources = new Asset(this, 'Sources', { path: bundles.folderOf(SERVER_BUNDLE) });
    const name = `millrace-${stage.name}-server-image`;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/codebuild/${name}`,
      retention: stage.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      description: 'Builds the image of the model server',
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com'),
      inlinePolicies: {
        build: policy([
          allow(['s3:GetObject', 's3:GetObjectVersion'], [sources.bucket.arnForObjects(sources.s3ObjectKey)]),
          allow(['ecr:GetAuthorizationToken'], ['*']),
          allow(
            [
              'ecr:BatchCheckLayerAvailability',
              'ecr:BatchGetImage',
              'ecr:CompleteLayerUpload',
              'ecr:InitiateLayerUpload',
              'ecr:PutImage',
              'ecr:UploadLayerPart',
            ],
            [repository.attrArn],
          ),
          allow(
            ['logs:CreateLogStream', 'logs:PutLogEvents'],
            [arnOf(this, 'logs', `log-group:/aws/codebuild/${name}:*`)],
          ),
        ]),
      },
    });
    const variables = {
      REPOSITORY_URI: repository.attrRepositoryUri,
      SOURCE_HASH: sources.assetHash,
      BASE_IMAGE,
      ONNXRUNTIME_VERSION: onnxRuntimeVersion(),
    };
    const isArm = stage.architecture === 'arm64';
    const project = new CfnProject(this, 'Project', {
      name,
      description: 'Builds the image of the model server from the sources of the last deploy',
      serviceRole: role.roleArn,
      source: {
        type: 'S3',
        location: `${sources.s3BucketName}/${sources.s3ObjectKey}`,
        buildSpec: JSON.stringify(BUILD),
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: isArm ? 'ARM_CONTAINER' : 'LINUX_CONTAINER',
        computeType: 'BUILD_GENERAL1_SMALL',
        image: isArm
          ? 'aws/codebuild/amazonlinux2-aarch64-standard:3.0'
          : 'aws/codebuild/amazonlinux2-x86_64-standard:5.0',
        // Docker itself needs it.
        privilegedMode: true,
        environmentVariables: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
      },
      logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName: logGroup.logGroupName } },
      timeoutInMinutes: 30,
    });
    new CfnOutput(this, 'BuildCommand', { value: `aws codebuild start-build --project-name ${project.ref}` });
  }
}
