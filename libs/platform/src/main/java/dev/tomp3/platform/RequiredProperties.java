package dev.tomp3.platform;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Describes which properties of a record are always there: those that are not {@code @Nullable},
 * and those whose schema says that they may be null. Clients that are generated from the
 * description know then what they need not check.
 */
public final class RequiredProperties implements ModelConverter {
    private static final String REFERENCE = "#/components/schemas/";

    @Override
    public @Nullable Schema<?> resolve(
            AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        if (!chain.hasNext()) return null;
        Schema<?> schema = chain.next().resolve(type, context, chain);
        Class<?> raw = TypeFactory.defaultInstance().constructType(type.getType()).getRawClass();
        if (schema == null || !raw.isRecord()) return schema;
        String reference = schema.get$ref();
        Schema<?> described =
                reference == null
                        ? schema
                        : context.getDefinedModels().get(reference.replace(REFERENCE, ""));
        if (described == null || described.getProperties() == null) return schema;
        for (RecordComponent component : raw.getRecordComponents()) {
            String name = name(component);
            // some components are for the program alone
            if (described.getProperties().containsKey(name) && isAlwaysThere(component))
                described.addRequiredItem(name);
        }
        return schema;
    }

    private static boolean isAlwaysThere(RecordComponent component) {
        var described =
                member(component).getAnnotation(io.swagger.v3.oas.annotations.media.Schema.class);
        if (described != null && Arrays.asList(described.types()).contains("null")) return true;
        JsonInclude included = member(component).getAnnotation(JsonInclude.class);
        return !component.getAnnotatedType().isAnnotationPresent(Nullable.class)
                && (included == null || included.value() != Include.NON_EMPTY);
    }

    private static String name(RecordComponent component) {
        JsonProperty property = member(component).getAnnotation(JsonProperty.class);
        return property == null || property.value().isEmpty()
                ? component.getName()
                : property.value();
    }

    /** Annotations of libraries that do not know records are on the accessor. */
    private static AnnotatedElement member(RecordComponent component) {
        return component.getAccessor();
    }
}
