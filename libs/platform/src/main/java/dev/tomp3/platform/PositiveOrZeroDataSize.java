package dev.tomp3.platform;

import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Lets {@link PositiveOrZero} constrain a {@link DataSize}. */
public final class PositiveOrZeroDataSize implements ConstraintValidator<PositiveOrZero, DataSize> {
    @Override
    public boolean isValid(@Nullable DataSize size, ConstraintValidatorContext context) {
        return size == null || !size.isNegative();
    }
}
