package dev.tomp3.platform;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.List;
import org.springdoc.core.customizers.OpenApiCustomizer;

/**
 * Describes every error response in an OpenAPI document as a problem, and adds the errors that
 * follow from an operation's parameters, body and security, so that an operation lists only its
 * own.
 */
public final class DescribedProblems implements OpenApiCustomizer {
    @Override
    public void customise(OpenAPI api) {
        api.getComponents().addSchemas("Problem", problem());
        Content content =
                new Content()
                        .addMediaType(
                                "application/problem+json",
                                new MediaType()
                                        .schema(
                                                new Schema<>()
                                                        .$ref("#/components/schemas/Problem")));
        api.getPaths()
                .forEach((path, item) -> {
                    for (Operation operation : item.readOperations()) {
                        addErrors(path, operation);
                        operation
                                .getResponses()
                                .forEach((status, response) -> {
                                    if (status.compareTo("400") >= 0) response.setContent(content);
                                });
                    }
                });
    }

    private static void addErrors(String path, Operation operation) {
        ApiResponses responses = operation.getResponses();
        boolean body = operation.getRequestBody() != null;
        if (body || operation.getParameters() != null) add(responses, Problem.MALFORMED_REQUEST);
        if (operation.getSecurity() != null) add(responses, Problem.UNAUTHENTICATED);
        if (path.contains("{")) add(responses, Problem.NOT_FOUND);
        if (responses.values().stream().anyMatch(response -> response.getContent() != null))
            add(responses, Problem.NOT_ACCEPTABLE);
        if (body) add(responses, Problem.TOO_LARGE);
        if (body) add(responses, Problem.UNSUPPORTED_TYPE);
        add(responses, Problem.TOO_MANY_REQUESTS);
        add(responses, Problem.UNAVAILABLE);
    }

    private static void add(ApiResponses responses, Problem problem) {
        responses.putIfAbsent(
                Integer.toString(problem.status()), new ApiResponse().description(problem.code()));
    }

    private static Schema<?> problem() {
        Schema<?> problem = new ObjectSchema();
        problem.addProperty("type", new StringSchema().example("urn:tomp3:not-found"));
        problem.addProperty("title", new StringSchema());
        problem.addProperty("status", new IntegerSchema());
        problem.addProperty("detail", new StringSchema());
        problem.setRequired(List.of("type", "title", "status", "detail"));
        return problem;
    }
}
