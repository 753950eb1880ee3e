from django.urls import path

from notes import views

urlpatterns = [path("notes/<str:word>", views.find), path("health", views.health)]
