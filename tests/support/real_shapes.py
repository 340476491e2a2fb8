"""Task definitions of every kind that people publish, as DescribeTaskDefinition gives them.

Each is of one use of ECS as its guide describes it; together they have every field that
RegisterTaskDefinition takes, which `tests/contract/wire/test_real_shapes.py` holds.
"""

from typing import Any

from tests.support.builders import NOW

REGISTRY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
ROLE = "arn:aws:iam::123456789012:role"
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret"
DIGEST = f"sha256:{'a' * 64}"

Content = dict[str, Any]


def container(name: str, image: str = "", **given: Any) -> Content:
    """Return a container as ECS shows it, with what it fills in."""
    filled: Content = {
        "name": name,
        "image": image or f"{REGISTRY}/{name}@{DIGEST}",
        "cpu": 0,
        "portMappings": [],
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
    }
    return filled | given


def described(family: str, *containers: Content, **given: Any) -> Content:
    """Return a revision as ECS shows it, with what only ECS says of it."""
    usual: Content = {
        "taskDefinitionArn": (
            f"arn:aws:ecs:ap-northeast-1:123456789012:task-definition/{family}:7"
        ),
        "family": family,
        "revision": 7,
        "status": "ACTIVE",
        "containerDefinitions": list(containers),
        "volumes": [],
        "placementConstraints": [],
        "requiresAttributes": [{"name": "ecs.capability.execution-role-awslogs"}],
        "compatibilities": ["EC2", "FARGATE"],
        "registeredAt": NOW,
        "registeredBy": f"{ROLE}/deploy",
        "enableFaultInjection": False,
        "tags": [],
    }
    return usual | given


def awslogs(group: str) -> Content:
    options = {"awslogs-group": group, "awslogs-region": "ap-northeast-1", "mode": "non-blocking"}
    return {"logDriver": "awslogs", "options": options, "secretOptions": []}


def rails() -> Content:
    """Three containers of one image on Fargate: the application, its migrations, its workers."""
    image = f"{REGISTRY}/shop@{DIGEST}"
    secrets = [{"name": "DATABASE_URL", "valueFrom": f"{SECRET}:shop/database:url::"}]
    migrated = [{"containerName": "migrate", "condition": "SUCCESS"}]
    bucket = {"value": "arn:aws:s3:::shop-settings/web.env", "type": "s3"}
    web = container(
        "app",
        image,
        portMappings=[
            {
                "containerPort": 3000,
                "hostPort": 3000,
                "protocol": "tcp",
                "name": "web",
                "appProtocol": "http",
            }
        ],
        environment=[{"name": "RAILS_ENV", "value": "production"}, {"name": "DEBUG", "value": ""}],
        environmentFiles=[bucket],
        secrets=secrets,
        dependsOn=migrated,
        healthCheck={
            "command": ["CMD-SHELL", "curl -f http://localhost:3000/up || exit 1"],
            "interval": 15,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 60,
        },
        startTimeout=120,
        stopTimeout=90,
        logConfiguration=awslogs("/ecs/shop"),
        versionConsistency="enabled",
        linuxParameters={"initProcessEnabled": True, "capabilities": {"add": [], "drop": ["ALL"]}},
        readonlyRootFilesystem=True,
    )
    migrate = container(
        "migrate",
        image,
        essential=False,
        command=["bin/rails", "db:migrate"],
        secrets=secrets,
        logConfiguration=awslogs("/ecs/shop"),
    )
    sidekiq = container("sidekiq", image, command=["bundle", "exec", "sidekiq"], dependsOn=migrated)
    return described(
        "shop",
        web,
        migrate,
        sidekiq,
        taskRoleArn=f"{ROLE}/shop",
        executionRoleArn=f"{ROLE}/ecsTaskExecutionRole",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="1024",
        memory="2048",
        ephemeralStorage={"sizeInGiB": 40},
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        tags=[
            {"key": "CostCenter", "value": "42"},
            {"key": "aws:cloudformation:stack-name", "value": "shop"},
        ],
    )


def files() -> Content:
    """Volumes: EFS by an access point, S3 Files, one that the service configures at its launch."""
    efs = {
        "fileSystemId": "fs-0123456789abcdef0",
        "rootDirectory": "/",
        "transitEncryption": "ENABLED",
        "transitEncryptionPort": 2999,
        "authorizationConfig": {"accessPointId": "fsap-0123456789abcdef0", "iam": "ENABLED"},
    }
    s3files = {
        "fileSystemArn": "arn:aws:s3files:ap-northeast-1:123456789012:file-system/fs-0123456789abc",
        "rootDirectory": "/uploads",
        "transitEncryptionPort": 3049,
        "accessPointArn": (
            "arn:aws:s3files:ap-northeast-1:123456789012:file-system/fs-0123456789abc"
            "/access-point/fsap-0123456789abc"
        ),
    }
    mounts = [
        {"sourceVolume": "uploads", "containerPath": "/uploads", "readOnly": False},
        {"sourceVolume": "archive", "containerPath": "/archive", "readOnly": True},
        {"sourceVolume": "scratch", "containerPath": "/scratch"},
    ]
    return described(
        "files",
        container("app", mountPoints=mounts),
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE", "EC2"],
        cpu="512",
        memory="1024",
        volumes=[
            {"name": "uploads", "efsVolumeConfiguration": efs},
            {"name": "archive", "s3filesVolumeConfiguration": s3files},
            {"name": "scratch", "configuredAtLaunch": True},
        ],
    )


def windows() -> Content:
    """Windows: FSx with a domain's credentials, and credential specs of the container."""
    fsx = {
        "fileSystemId": "fs-0aaaabbbbcccc1111",
        "rootDirectory": "share",
        "authorizationConfig": {
            "credentialsParameter": f"{SECRET}:fsx-domain",
            "domain": "example.com",
        },
    }
    iis = container(
        "iis",
        "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
        cpu=1024,
        memory=2048,
        entryPoint=["powershell", "-Command"],
        command=["Start-Service W3SVC"],
        mountPoints=[{"sourceVolume": "share", "containerPath": "C:\\share"}],
        credentialSpecs=["credentialspecdomainless:arn:aws:s3:::shop-gmsa/credspec.json"],
        dockerSecurityOptions=["credentialspec:file://gmsa.json"],
    )
    return described(
        "windows",
        iis,
        requiresCompatibilities=["EC2"],
        volumes=[{"name": "share", "fsxWindowsFileServerVolumeConfiguration": fsx}],
        runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
        placementConstraints=[
            {"type": "memberOf", "expression": "attribute:ecs.os-type == windows"}
        ],
    )


def firelens() -> Content:
    """Logs by FireLens, and an agent beside it from another registry, with its credentials."""
    router = container(
        "log_router",
        "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
        memoryReservation=50,
        user="0",
        firelensConfiguration={
            "type": "fluentbit",
            "options": {"enable-ecs-log-metadata": "true", "config-file-type": "file"},
        },
        restartPolicy={
            "enabled": True,
            "ignoredExitCodes": [0, 143],
            "restartAttemptPeriod": 180,
        },
    )
    agent = container(
        "datadog-agent",
        "datadog/agent:latest",
        repositoryCredentials={"credentialsParameter": f"{SECRET}:docker-hub"},
        dockerLabels={"com.datadoghq.ad.check_names": '["nginx"]', "protocol": "tcp"},
        essential=False,
    )
    app = container(
        "app",
        memory=512,
        logConfiguration={
            "logDriver": "awsfirelens",
            "options": {"Name": "datadog", "Host": "http-intake.logs.datadoghq.com"},
            "secretOptions": [{"name": "apikey", "valueFrom": f"{SECRET}:datadog"}],
        },
    )
    return described("firelens", router, agent, app, networkMode="awsvpc", cpu="256", memory="512")


def mesh() -> Content:
    """App Mesh: Envoy beside the application, through which all of its traffic goes."""
    envoy = container(
        "envoy",
        "public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod",
        user="1337",
        environment=[{"name": "APPMESH_RESOURCE_ARN", "value": "mesh/shop/virtualNode/web"}],
        ulimits=[{"name": "nofile", "softLimit": 15000, "hardLimit": 15000}],
    )
    app = container("app", dependsOn=[{"containerName": "envoy", "condition": "HEALTHY"}])
    return described(
        "mesh",
        envoy,
        app,
        networkMode="awsvpc",
        cpu="512",
        memory="1024",
        pidMode="task",
        proxyConfiguration={
            "type": "APPMESH",
            "containerName": "envoy",
            "properties": [
                {"name": "IgnoredUID", "value": "1337"},
                {"name": "AppPorts", "value": "8080"},
                {"name": "ProxyIngressPort", "value": "15000"},
            ],
        },
    )


def learning() -> Content:
    """GPUs, and an inference accelerator, on instances of one's own."""
    model = container(
        "model",
        memory=8192,
        resourceRequirements=[
            {"type": "GPU", "value": "1"},
            {"type": "InferenceAccelerator", "value": "device_1"},
        ],
        linuxParameters={
            "sharedMemorySize": 1024,
            "maxSwap": 0,
            "swappiness": 0,
            "devices": [
                {
                    "hostPath": "/dev/neuron0",
                    "containerPath": "/dev/neuron0",
                    "permissions": ["read", "write"],
                }
            ],
            "tmpfs": [
                {"containerPath": "/tmp", "size": 64, "mountOptions": ["noexec"]}  # noqa: S108 - a mount
            ],
            "capabilities": {"add": ["SYS_PTRACE"], "drop": ["MKNOD"]},
        },
    )
    return described(
        "learning",
        model,
        requiresCompatibilities=["EC2"],
        inferenceAccelerators=[{"deviceName": "device_1", "deviceType": "eia2.medium"}],
        ipcMode="host",
        enableFaultInjection=True,
    )


def legacy() -> Content:
    """Containers that are linked on a bridge: ranges of ports, volumes of Docker's and the host's."""
    app = container(
        "app",
        memory=128,
        links=["redis:cache"],
        hostname="shop",
        dnsServers=["10.0.0.2"],
        dnsSearchDomains=["shop.internal"],
        extraHosts=[{"hostname": "db", "ipAddress": "10.0.0.9"}],
        workingDirectory="/app",
        disableNetworking=False,
        privileged=True,
        interactive=True,
        pseudoTerminal=True,
        portMappings=[{"containerPortRange": "7000-7010", "protocol": "udp"}],
        systemControls=[{"namespace": "net.core.somaxconn", "value": "1024"}],
        volumesFrom=[{"sourceContainer": "redis", "readOnly": True}],
        mountPoints=[{"sourceVolume": "database", "containerPath": "/db"}],
    )
    redis = container("redis", "redis:7", memory=64, portMappings=[{"containerPort": 6379}])
    shared = {
        "scope": "shared",
        "autoprovision": True,
        "driver": "rexray/ebs",
        "driverOpts": {"volumetype": "gp3", "size": "5"},
        "labels": {"owner": "shop"},
    }
    return described(
        "legacy",
        app,
        redis,
        networkMode="bridge",
        volumes=[
            {"name": "database", "dockerVolumeConfiguration": shared},
            {"name": "docker", "host": {"sourcePath": "/var/run/docker.sock"}},
            {"name": "cache", "host": {}},
        ],
    )


REAL_SHAPES = (rails, files, windows, firelens, mesh, learning, legacy)
