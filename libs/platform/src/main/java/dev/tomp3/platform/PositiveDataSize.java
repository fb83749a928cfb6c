package dev.tomp3.platform;

import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Lets {@link Positive} constrain a {@link DataSize}. */
public final class PositiveDataSize implements ConstraintValidator<Positive, DataSize> {
    @Override
    public boolean isValid(@Nullable DataSize size, ConstraintValidatorContext context) {
        return size == null || size.toBytes() > 0;
    }
}
