package dev.tomp3.gateway;

import dev.tomp3.platform.ApiKey.Scope;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The operation accepts API keys with this scope; without a value, with any scope. An operation
 * without this annotation accepts no API key.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface RequiredScope {
    /** One at most. */
    Scope[] value() default {};
}
