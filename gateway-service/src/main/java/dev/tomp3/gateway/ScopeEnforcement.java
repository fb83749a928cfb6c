package dev.tomp3.gateway;

import dev.tomp3.platform.ApiKey;
import dev.tomp3.platform.ApiKey.Scope;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Rejects a request with an API key that does not have the {@link RequiredScope}, before the body
 * is read.
 */
@Configuration(proxyBeanMethods = false)
class ScopeEnforcement implements WebMvcConfigurer, HandlerInterceptor {
    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this);
    }

    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        Authentication caller = SecurityContextHolder.getContext().getAuthentication();
        if (caller != null
                && caller.getPrincipal() instanceof CurrentUser user
                && user.scopes() != null
                && handler instanceof HandlerMethod method) check(method, user.scopes());
        return true;
    }

    private static void check(HandlerMethod method, Set<Scope> scopes) {
        RequiredScope required = method.getMethodAnnotation(RequiredScope.class);
        if (required == null) throw ApiKey.insufficientScope(Optional.empty());
        Optional<Scope> scope = Arrays.stream(required.value()).findFirst();
        if (scope.isPresent() && !scopes.contains(scope.get()))
            throw ApiKey.insufficientScope(scope);
    }
}
