"""Who may come in, and how surely we know it is them; django-allauth does the work, this package sets its rules.

Screens that do something dangerous ask again for the password (or the second step) in this way:

    from interop.signin.recent import recently_signed_in, sign_in_again

    if not recently_signed_in(request):
        return sign_in_again(request, back=address_of_this_screen)

`recently_signed_in` is true for five minutes after the person confirmed who they are; `sign_in_again` answers with the
page that asks, which then leads to `back`. Tests say `confirm(client)` of tests/signin.py instead of typing a password.
"""
