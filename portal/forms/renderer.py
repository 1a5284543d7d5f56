"""How every form is drawn: our own partials for forms and fields, Django's for the widgets."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """`{{ form }}` and `{{ field.as_field_group }}` render the partials of the design system."""

    form_template_name = "portal/components/_form.html"
    field_template_name = "portal/components/_field.html"
