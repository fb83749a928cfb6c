# The images of the four services, and of all four in one container:
#
#   docker build --build-arg SERVICE=gateway -t tomp3/gateway .      (auth, gateway, converter, notification)
#   docker build --target standalone -t tomp3/standalone .
#
# Requires a Docker engine with BuildKit only. JVM options are read from JDK_JAVA_OPTIONS.
ARG SERVICE=gateway

# An ffmpeg without any decoder of pictures: docker/build-ffmpeg. Built anew only when that script or the list of
# decoders changes, or for a security update of Debian: docker build --no-cache-filter ffmpeg
FROM debian:trixie-slim AS ffmpeg
COPY docker/build-ffmpeg converter-service/src/main/resources/dev/tomp3/converter/ffmpeg/audio-decoders.txt /tmp/
RUN /tmp/build-ffmpeg /tmp/audio-decoders.txt

# One build for all images; the Maven repository is cached between builds. The images have an ffmpeg of
# their own, so the bundled one is left out.
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

# What of Temurin the services use, with jcmd. A service that lacks a module does not get through its training below.
FROM eclipse-temurin:25-jdk AS java
RUN jlink --output /java --no-man-pages --no-header-files --include-locales=en \
    --add-modules java.se,jdk.attach,jdk.charsets,jdk.crypto.ec,jdk.httpserver,jdk.jcmd,jdk.jfr,jdk.localedata,jdk.management,jdk.management.agent,jdk.naming.dns,jdk.net,jdk.nio.mapmode,jdk.security.auth,jdk.security.jgss,jdk.unsupported,jdk.zipfs

# Debian stable without lists of packages, manuals and translations. Copied as a whole, because a layer that
# deletes does not make an image smaller.
FROM debian:trixie-slim AS debian
RUN rm -rf /var/lib/apt/lists/* /var/cache/* /usr/share/info /usr/share/locale /usr/share/man && \
    find /usr/share/doc -type f ! -name copyright -delete

FROM scratch AS plain
COPY --from=debian / /
COPY --from=java /java /opt/java
ENV JAVA_HOME=/opt/java PATH=/opt/java/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
WORKDIR /app
COPY docker/healthy /usr/local/bin/

FROM plain AS with-ffmpeg
COPY --from=ffmpeg /usr/local/bin/ffmpeg /usr/local/bin/
# a kernel that does not offer the whole sandbox is refused
ENV SANDBOX=required

FROM with-ffmpeg AS standalone
# a new volume that is mounted here gets this owner
RUN install -d -o 10001 -g 10001 /data
COPY --from=build /apps/standalone/dependencies/ ./
COPY --from=build /apps/standalone/spring-boot-loader/ ./
COPY --from=build /apps/standalone/snapshot-dependencies/ ./
COPY --from=build /apps/standalone/application/ ./
RUN --mount=type=bind,source=samples/test.mp4,target=/tmp/test.mp4 \
    SANDBOX=auto DATA_DIR=/tmp/data java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:AOTCacheOutput=app.aot \
        --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -jar app.jar /tmp/test.mp4 -o /tmp/test.mp3 && \
    rm -rf /tmp/data /tmp/test.mp3 /tmp/tomp3-* && test -s app.aot
ENV DATA_DIR=/data BIND=0.0.0.0
VOLUME /data
EXPOSE 8080
USER 10001:10001
HEALTHCHECK --interval=5s --start-period=60s CMD ["healthy", "8080"]
ENTRYPOINT ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m", "-XX:+ExitOnOutOfMemoryError", \
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
    "-XX:AOTCache=app.aot", "-Xlog:aot*=off", "-Xlog:cds*=off", "-jar", "app.jar"]

FROM plain AS base-auth
FROM plain AS base-gateway
FROM plain AS base-notification
FROM with-ffmpeg AS base-converter
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
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=40", "-XX:+ExitOnOutOfMemoryError", \
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
    "-XX:AOTCache=app.aot", "-Xlog:aot*=off", "-Xlog:cds*=off", "-jar", "app.jar"]
