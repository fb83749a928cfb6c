package dev.tomp3.gateway;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.http.HttpHeaders;

/** How OpenAPI describes the operations of {@link TusController}. */
final class TusDescription {
    private TusDescription() {}

    /** What all operations on uploads have. */
    @SecurityRequirement(name = ApiDescription.BEARER)
    @Parameter(
            name = TusHeaders.RESUMABLE,
            in = ParameterIn.HEADER,
            required = true,
            schema =
                    @Schema(
                            type = "string",
                            allowableValues = TusFilter.VERSION,
                            example = TusFilter.VERSION))
    @ApiResponse(responseCode = "412", description = "unsupported-tus-version")
    @Target(ElementType.ANNOTATION_TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface OnUpload {}

    /** What operations have that bring bytes. */
    @Parameter(
            name = TusHeaders.CHECKSUM,
            in = ParameterIn.HEADER,
            description = "of the body",
            schema = @Schema(type = "string", example = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="))
    @ApiResponse(responseCode = "413", description = "too-large")
    @ApiResponse(responseCode = "415", description = "unsupported-type, not-media")
    @ApiResponse(responseCode = "460", description = "checksum-mismatch")
    @ApiResponse(responseCode = "507", description = "quota-exceeded, disk-full")
    @Target(ElementType.ANNOTATION_TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface WithBytes {}

    @Operation(
            operationId = "uploadOptions",
            summary = "Show which parts of tus are supported",
            description = "For everyone.",
            responses =
                    @ApiResponse(
                            responseCode = "204",
                            description = "The supported parts",
                            headers = {
                                @Header(
                                        name = TusHeaders.PROTOCOL_VERSION,
                                        schema =
                                                @Schema(
                                                        type = "string",
                                                        example = TusFilter.VERSION)),
                                @Header(
                                        name = TusHeaders.EXTENSION,
                                        schema =
                                                @Schema(
                                                        type = "string",
                                                        example = TusHeaders.EXTENSIONS)),
                                @Header(
                                        name = TusHeaders.MAX_SIZE,
                                        schema = @Schema(type = "integer", format = "int64")),
                                @Header(
                                        name = TusHeaders.CHECKSUM_ALGORITHM,
                                        schema = @Schema(type = "string", example = Checksum.NAMES))
                            }))
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Options {}

    @OnUpload
    @WithBytes
    @Operation(
            operationId = "createUpload",
            summary = "Begin a resumable upload",
            description =
                    "The id in Location is that of the job, whose status is uploading until the"
                            + " last byte. The first bytes may come with the request.",
            parameters = {
                @Parameter(
                        name = TusHeaders.LENGTH,
                        in = ParameterIn.HEADER,
                        description = "of the file, in bytes; this or Upload-Defer-Length",
                        schema = @Schema(type = "integer", format = "int64", minimum = "1")),
                @Parameter(
                        name = TusHeaders.DEFER_LENGTH,
                        in = ParameterIn.HEADER,
                        description = "1: the length is not known yet",
                        schema = @Schema(type = "string", allowableValues = "1")),
                @Parameter(
                        name = TusHeaders.METADATA,
                        in = ParameterIn.HEADER,
                        description = "filename, filetype, and the options of POST /upload",
                        schema =
                                @Schema(
                                        type = "string",
                                        example = "filename aG9saWRheS5tcDQ=,bitrate MTI4")),
                @Parameter(
                        name = IdempotencyKey.HEADER,
                        in = ParameterIn.HEADER,
                        description =
                                "for 24 hours, the same upload with the same key answers the same"
                                        + " job",
                        schema = @Schema(type = "string"))
            },
            requestBody =
                    @RequestBody(
                            description = "the first bytes of the file, or nothing",
                            content =
                                    @Content(
                                            mediaType = TusHeaders.PART,
                                            schema = @Schema(type = "string", format = "binary"))))
    @ApiResponse(
            responseCode = "201",
            description = "The upload has begun",
            headers = {
                @Header(
                        name = HttpHeaders.LOCATION,
                        schema =
                                @Schema(
                                        type = "string",
                                        example = "/files/665f1c2ab3d4e5f60718293a")),
                @Header(
                        name = TusHeaders.OFFSET,
                        schema = @Schema(type = "integer", format = "int64")),
                @Header(
                        name = TusHeaders.EXPIRES,
                        schema =
                                @Schema(type = "string", example = "Sat, 28 Nov 2026 01:10:00 GMT"))
            })
    @ApiResponse(
            responseCode = "400",
            description = "malformed-request, invalid-metadata, invalid-options, empty-file")
    @ApiResponse(responseCode = "409", description = "upload-cancelled, upload-superseded")
    @ApiResponse(responseCode = "422", description = "idempotency-key-reused")
    @ApiResponse(
            responseCode = "429",
            description = "too-many-jobs, too-many-uploads, too-many-requests")
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Create {}

    @OnUpload
    @Operation(
            operationId = "showUpload",
            summary = "Show how far an upload is",
            description =
                    "The offset is what the server has stored durably. A request that still sends"
                            + " bytes of the upload ends.")
    @ApiResponse(
            responseCode = "200",
            description = "Where to go on",
            headers = {
                @Header(
                        name = TusHeaders.OFFSET,
                        schema = @Schema(type = "integer", format = "int64")),
                @Header(
                        name = TusHeaders.LENGTH,
                        schema = @Schema(type = "integer", format = "int64")),
                @Header(name = TusHeaders.DEFER_LENGTH, schema = @Schema(type = "string")),
                @Header(name = TusHeaders.METADATA, schema = @Schema(type = "string")),
                @Header(name = TusHeaders.EXPIRES, schema = @Schema(type = "string"))
            })
    @ApiResponse(responseCode = "409", description = "upload-superseded")
    @ApiResponse(responseCode = "410", description = "upload-gone")
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Show {}

    @OnUpload
    @WithBytes
    @Operation(
            operationId = "continueUpload",
            summary = "Send the next bytes of an upload",
            description =
                    "The bytes that arrive are kept if the connection breaks, unless the request"
                            + " has a checksum. The job is queued with the last byte.",
            parameters = {
                @Parameter(
                        name = TusHeaders.OFFSET,
                        in = ParameterIn.HEADER,
                        required = true,
                        description = "where the body begins: what HEAD tells",
                        schema =
                                @Schema(
                                        type = "integer",
                                        format = "int64",
                                        minimum = "0",
                                        example = "0")),
                @Parameter(
                        name = TusHeaders.LENGTH,
                        in = ParameterIn.HEADER,
                        description = "of the file, if it was not known before",
                        schema = @Schema(type = "integer", format = "int64", minimum = "1"))
            },
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            mediaType = TusHeaders.PART,
                                            schema = @Schema(type = "string", format = "binary"),
                                            examples =
                                                    @ExampleObject(
                                                            name = "bytes",
                                                            value = "the bytes"))))
    @ApiResponse(
            responseCode = "204",
            description = "The bytes are stored",
            headers = {
                @Header(
                        name = TusHeaders.OFFSET,
                        schema = @Schema(type = "integer", format = "int64")),
                @Header(name = TusHeaders.EXPIRES, schema = @Schema(type = "string"))
            })
    @ApiResponse(responseCode = "400", description = "malformed-request, empty-file")
    @ApiResponse(
            responseCode = "409",
            description = "offset-mismatch, upload-superseded, upload-cancelled")
    @ApiResponse(responseCode = "410", description = "upload-gone")
    @ApiResponse(responseCode = "429", description = "too-many-jobs, too-many-requests")
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Append {}

    @OnUpload
    @Operation(
            operationId = "terminateUpload",
            summary = "Delete an upload, or the job that it has become")
    @ApiResponse(responseCode = "204", description = "The upload is deleted")
    @ApiResponse(responseCode = "410", description = "upload-gone")
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Terminate {}
}
