# The images of the four services, and of all four in one container:
#
#   docker build --build-arg SERVICE=gateway -t tomp3/gateway .      (auth, gateway, converter, notification)
#   docker build --target standalone -t tomp3/standalone .
#
# Requires a Docker engine with BuildKit only. JVM options are read from JDK_JAVA_OPTIONS.
ARG SERVICE=gateway

# One build for all images; the Maven repository is cached between builds. The images use the ffmpeg
# of the distribution, so the bundled one is left out.
FROM eclipse-temurin:25-jdk AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw --batch-mode --no-transfer-progress --quiet package \
        -Dmaven.test.skip=true -Dspotless.check.skip=true -Dcyclonedx.skip=false \
        -P '!ffmpeg-linux-amd64,!ffmpeg-linux-arm64' -pl standalone -am
RUN for module in auth-service gateway-service converter-service notification-service standalone; do \
        cp $module/target/$module-*-exec.jar app.jar && \
        java -Djarmode=tools -jar app.jar extract --layers --destination /apps/${module%-service} || exit 1; \
    done
# a key that auth needs to start in docker/train
RUN mkdir /training && java docker/Key.java >/training/key

FROM eclipse-temurin:25-jre AS plain
WORKDIR /app
COPY docker/healthy /usr/local/bin/

FROM plain AS ffmpeg
RUN apt-get update -q && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ffmpeg && \
    rm -rf /var/lib/apt/lists/*

FROM ffmpeg AS standalone
# a new volume that is mounted here gets this owner
RUN install -d -o 10001 -g 10001 /data
COPY --from=build /apps/standalone/dependencies/ ./
COPY --from=build /apps/standalone/spring-boot-loader/ ./
COPY --from=build /apps/standalone/snapshot-dependencies/ ./
COPY --from=build /apps/standalone/application/ ./
RUN --mount=type=bind,source=samples/test.mp4,target=/tmp/test.mp4 \
    DATA_DIR=/tmp/data java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:AOTCacheOutput=app.aot \
        --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -jar app.jar /tmp/test.mp4 -o /tmp/test.mp3 && \
    rm -rf /tmp/data /tmp/test.mp3 /tmp/tomp3-* && test -s app.aot
ENV DATA_DIR=/data BIND=0.0.0.0
VOLUME /data
EXPOSE 8080
USER 10001:10001
HEALTHCHECK --interval=5s --start-period=60s CMD ["healthy", "8080"]
ENTRYPOINT ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", \
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
    "-XX:AOTCache=app.aot", "-Xlog:aot*=off", "-Xlog:cds*=off", "-jar", "app.jar"]

FROM plain AS base-auth
FROM plain AS base-gateway
FROM plain AS base-notification
FROM ffmpeg AS base-converter
RUN install -d -o 10001 -g 10001 /work
ENV WORK_DIR=/work

FROM base-${SERVICE} AS service
ARG SERVICE
COPY --from=build /apps/${SERVICE}/dependencies/ ./
COPY --from=build /apps/${SERVICE}/spring-boot-loader/ ./
COPY --from=build /apps/${SERVICE}/snapshot-dependencies/ ./
COPY --from=build /apps/${SERVICE}/application/ ./
RUN --mount=type=bind,source=docker/train,target=/training/train \
    --mount=type=bind,from=build,source=/training/key,target=/training/key \
    /training/train
USER 10001:10001
# the heap as a share of the container's memory; the ffmpeg processes of the converter need the rest
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", \
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
    "-XX:AOTCache=app.aot", "-Xlog:aot*=off", "-Xlog:cds*=off", "-jar", "app.jar"]
